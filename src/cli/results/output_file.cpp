#include "cli/results/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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

/// Makes a file that is not there yet, of the mode of the one that it is to replace. A name that is taken is
/// of a process of this number that was killed.
std::filesystem::path make_partial_file(const OutputTarget& target) {
  constexpr int kMaxNames = 1000;
  std::error_code ignored;
  const mode_t mode = std::filesystem::exists(target.path(), ignored) ? 0600 : 0666;
  const std::string name = target.path().string() + ".partial-" + std::to_string(getpid());
  for (int i = 0; i < kMaxNames; ++i) {
    const std::string path = i == 0 ? name : name + "-" + std::to_string(i);
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor < 0) break;
    target.keep_mode(descriptor);
    close(descriptor);
    return path;
  }
  throw Error(ErrorKind::kOutput,
              target.name() + ": cannot be written; check that its folder exists and may be written to");
}

}  // namespace

OutputFile::OutputFile() : OutputFile(OutputTarget({}, {})) {}

OutputFile::OutputFile(OutputTarget target) : target_(std::move(target)) {
  if (target_.is_standard_output()) {
    // A reader that has what it wants, as head does, ends the program without a word, whatever the parent
    // set.
    std::signal(SIGPIPE, SIG_DFL);
    return;
  }
  if (target_.is_stream()) {
    file_.open(target_.path(), std::ios::binary | std::ios::app);
    if (!file_)
      throw Error(ErrorKind::kOutput,
                  target_.name() + ": cannot be written: " + std::system_category().message(errno));
    return;
  }
  std::filesystem::remove(make_partial_file(target_));
}

OutputFile::OutputFile(OutputTarget target, std::filesystem::path partial_path)
    : target_(std::move(target)), partial_path_(std::move(partial_path)), is_partial_kept_(true) {}

OutputFile::~OutputFile() {
  if (partial_path_.empty() || is_partial_kept_) return;
  std::error_code ignored;
  std::filesystem::remove(partial_path_, ignored);
}

std::ostream& OutputFile::stream() {
  if (target_.is_standard_output()) return std::cout;
  if (!file_.is_open()) {
    if (partial_path_.empty()) partial_path_ = make_partial_file(target_);
    file_.open(partial_path_, std::ios::binary | std::ios::app);
    if (!file_) throw Error(ErrorKind::kOutput, partial_path_.string() + ": cannot be written");
  }
  return file_;
}

void OutputFile::check() {
  stream().flush();
  if (stream()) return;
  throw Error(ErrorKind::kOutput,
              (target_.is_standard_output() ? std::string("standard output") : target_.name()) +
                  ": writing failed; is the disk full or the reader gone?");
}

void OutputFile::commit() {
  check();
  if (partial_path_.empty()) return;
  file_.close();
  sync(partial_path_);
  is_partial_kept_ = true;  // what was computed is not thrown away because it cannot get its name
  const std::string where = "; the results are in " + partial_path_.string();
  try {
    target_.require_replaceable();  // it may be another file by now
  } catch (const Error& error) {
    throw Error(error.kind(), error.what() + where);
  }
  std::error_code error;
  std::filesystem::rename(partial_path_, target_.path(), error);
  if (error)
    throw Error(ErrorKind::kOutput, target_.name() + ": cannot be put in place: " + error.message() + where);
  partial_path_.clear();
}

}  // namespace clipcls
