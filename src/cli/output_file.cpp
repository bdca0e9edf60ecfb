#include "output_file.h"

#include <unistd.h>

#include <iostream>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path_, ignored);
  if (std::filesystem::is_directory(status))
    throw Error(ErrorKind::kOutput, path + ": is a folder; --output takes a file");
  const bool is_special =
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);  // /dev/null, a pipe
  if (!is_special) partial_path_ = path + ".partial-" + std::to_string(getpid());
  file_.open(is_special ? path_ : partial_path_, std::ios::binary | std::ios::trunc);
  if (!file_)
    throw Error(ErrorKind::kOutput,
                path + ": cannot be written; check that its folder exists and may be written to");
}

OutputFile::~OutputFile() {
  if (partial_path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove(partial_path_, ignored);
}

std::ostream& OutputFile::stream() { return path_.empty() ? std::cout : file_; }

void OutputFile::check() {
  stream().flush();
  if (stream()) return;
  throw Error(ErrorKind::kOutput, (path_.empty() ? std::string("standard output") : path_.string()) +
                                      ": writing failed; is the disk full or the reader gone?");
}

void OutputFile::commit() {
  check();
  if (partial_path_.empty()) return;
  file_.close();
  std::error_code error;
  std::filesystem::rename(partial_path_, path_, error);
  if (error) throw Error(ErrorKind::kOutput, path_.string() + ": cannot be put in place: " + error.message());
  partial_path_.clear();
}

}  // namespace clipcls
