#include "files/atomic_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/follow_links.h"
#include "files/put_in_place.h"

namespace clipcls {

namespace fs = std::filesystem;

AtomicFile::AtomicFile(const fs::path& target, Links links, mode_t mode, std::string name)
    : target_(links == Links::kFollowed ? follow_links(target).path : target),
      name_(name.empty() ? target.string() : std::move(name)) {
  std::error_code ignored;
  const fs::file_status there = fs::symlink_status(target_, ignored);
  // A device, reached by a link perhaps, would be gone for the whole machine.
  if (fs::is_character_file(there) || fs::is_block_file(there))
    throw Error(ErrorKind::kOutput, name_ + ": is a device, and stays");
  // Nobody else may read what replaces a private file, not even for a moment.
  if (fs::exists(there) && !fs::is_symlink(there)) mode = 0600;
  do {
    partial_ = name_beside(target_, "partial", /*is_hidden=*/false);
    file_ = open_file(partial_, O_WRONLY | O_CREAT | O_EXCL, mode);
    // O_EXCL: another process may have taken the name since it was looked up.
  } while (!file_.is_open() && errno == EEXIST);
  if (!file_.is_open()) throw cannot_be_made(name_);
  at_signal_.emplace(partial_);
  // What replaces a file is as readable as the file was; what a replaced link led to says nothing of it.
  if (!fs::is_symlink(there)) copy_mode(target_, file_.number());
}

AtomicFile::AtomicFile(fs::path target, fs::path partial, std::string name)
    : target_(std::move(target)),
      partial_(std::move(partial)),
      name_(std::move(name)),
      // A partial file of an earlier run, which is continued. It stays even where this run fails.
      file_(open_file(partial_, O_WRONLY | O_APPEND)),
      is_kept_(true) {
  if (!file_.is_open()) fail("cannot be written", errno);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  // A failure here leaves a file with a telling name; a destructor has nobody to tell.
  if (!is_kept_) fs::remove(partial_, ignored);
}

void AtomicFile::fail(const std::string& problem, int error) const {
  throw Error(ErrorKind::kOutput,
              name_ + ": " + problem + " (" + std::system_category().message(error) + ")");
}

void AtomicFile::write(std::string_view bytes) {
  if (const int error = write_all(file_.number(), bytes); error != 0)
    fail("writing failed; is the disk full?", error);
}

void AtomicFile::flush() {
  if (const int error = flush_to_disk(file_.number()); error != 0)
    fail("writing failed; is the disk full?", error);
}

void AtomicFile::commit() {
  // Bytes first, name second: after a crash there is the old file or the whole new one, never half of it.
  flush();
  // A network file system may say only here that the disk is full.
  if (const int error = file_.close(); error != 0) fail("writing failed; is the disk full?", error);
  if (const int error = rename_replacing(partial_, target_); error != 0)
    fail("cannot be put in place", error);
  keep();
}

void write_file(const fs::path& path, std::string_view bytes, Links links) {
  AtomicFile file(path, links);
  file.write(bytes);
  file.commit();
}

}  // namespace clipcls
