#include "cli/results/output_file.h"

#include <csignal>
#include <iostream>
#include <utility>

#include "clipcls/error.h"
#include "files/file_descriptor.h"

namespace clipcls {

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
    if (!file_) throw cannot_be_written(target_.name());
    return;
  }
  static_cast<void>(make_file());  // whether it can be made
}

OutputFile::OutputFile(OutputTarget target, std::filesystem::path partial_path)
    : target_(std::move(target)), kept_path_(std::move(partial_path)) {}

OutputFile::~OutputFile() = default;

std::unique_ptr<AtomicFile> OutputFile::make_file() const {
  return kept_path_.empty()
             ? std::make_unique<AtomicFile>(target_.path(), Links::kFollowed, 0666, target_.name())
             : std::make_unique<AtomicFile>(target_.path(), kept_path_, target_.name());
}

std::ostream& OutputFile::stream() {
  if (target_.is_standard_output()) return std::cout;
  if (!file_.is_open()) {
    whole_file_ = make_file();
    file_.open(whole_file_->path(), std::ios::binary | std::ios::app);
    if (!file_) throw cannot_be_written(whole_file_->path());
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
  if (!whole_file_) return;
  file_.close();
  whole_file_->flush();
  whole_file_->keep();  // what was computed is not thrown away because it cannot get its name
  try {
    target_.require_replaceable();  // it may be another file by now
    whole_file_->commit();
  } catch (const Error& error) {
    throw Error(error.kind(),
                std::string(error.what()) + "; the results are in " + whole_file_->path().string());
  }
}

}  // namespace clipcls
