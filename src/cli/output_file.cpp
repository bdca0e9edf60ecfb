#include "output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <system_error>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

/// Without it a crash of the machine could leave the new name with nothing behind it.
void sync(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

void require_no_folder(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw Error(ErrorKind::kOutput, path + ": is a folder; --output takes a file");
}

OutputFile::OutputFile(const std::string& path) : path_(path) {
  if (path_.empty()) {
    // A reader that has what it wants, as head does, ends the program without a word, whatever the parent
    // set.
    std::signal(SIGPIPE, SIG_DFL);
    return;
  }
  require_no_folder(path);
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path_, ignored);
  const bool is_special =
      std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);  // /dev/null, a pipe
  if (!is_special) partial_path_ = path + ".partial-" + std::to_string(getpid());
  file_.open(is_special ? path_ : partial_path_, std::ios::binary | std::ios::trunc);
  if (!file_)
    throw Error(ErrorKind::kOutput,
                path + ": cannot be written; check that its folder exists and may be written to");
  if (is_special) return;
  file_.close();
  std::filesystem::remove(partial_path_, ignored);
}

OutputFile::OutputFile(const std::string& path, std::filesystem::path partial_path)
    : path_(path), partial_path_(std::move(partial_path)), is_partial_kept_(true) {}

OutputFile::~OutputFile() {
  if (partial_path_.empty() || is_partial_kept_) return;
  std::error_code ignored;
  std::filesystem::remove(partial_path_, ignored);
}

std::ostream& OutputFile::stream() {
  if (path_.empty()) return std::cout;
  if (!file_.is_open()) {
    file_.open(partial_path_, std::ios::binary | std::ios::app);
    if (!file_) throw Error(ErrorKind::kOutput, partial_path_.string() + ": cannot be written");
  }
  return file_;
}

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
  sync(partial_path_);
  std::error_code error;
  std::filesystem::rename(partial_path_, path_, error);
  if (error) throw Error(ErrorKind::kOutput, path_.string() + ": cannot be put in place: " + error.message());
  partial_path_.clear();
}

}  // namespace clipcls
