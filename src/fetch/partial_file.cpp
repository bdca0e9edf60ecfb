#include "partial_file.h"

#include <fcntl.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

std::filesystem::path with_ending(const std::filesystem::path& path, const char* ending) {
  return path.string() + ending;
}

}  // namespace

PartialFile::PartialFile(std::filesystem::path destination, std::string url, bool can_verify)
    : destination_(std::move(destination)),
      partial_(with_ending(destination_, ".partial")),
      origin_(with_ending(destination_, ".origin")),
      url_(std::move(url)) {
  std::error_code error;
  // A whole file of an earlier run counts as partial: the server says by its answer whether it still is
  // whole.
  if (std::filesystem::exists(destination_, error)) {
    std::filesystem::rename(destination_, partial_, error);
    if (error) fail("cannot be renamed", error.value());
  }
  std::ifstream origin(origin_);
  std::string url_of_bytes;
  std::getline(origin, url_of_bytes);
  std::getline(origin, validator_);
  const bool is_same = url_of_bytes == url_;
  if (!is_same) validator_.clear();
  const std::uintmax_t size = std::filesystem::file_size(partial_, error);
  // Bytes are continued only where something will tell whether the rest belongs to them: a checksum, or the
  // server's word that the file is the same.
  if (!error && (can_verify || (is_same && !validator_.empty()))) size_ = size;
}

void PartialFile::fail(const std::string& problem, int error) const {
  throw Error(ErrorKind::kOutput,
              partial_.string() + ": " + problem + ": " + std::system_category().message(error));
}

void PartialFile::open(int flags) {
  file_ = open_file(partial_, O_WRONLY | O_CREAT | flags);
  if (!file_.is_open()) fail("cannot be written", errno);
}

void PartialFile::restart(const std::string& validator) {
  // The origin is written first: bytes never stand beside the origin of others.
  close();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  validator_ = validator;
  write_file(origin_, url_ + "\n" + validator_ + "\n", Links::kReplaced);
  open(O_TRUNC);
  size_ = 0;
}

void PartialFile::append(std::span<const char> bytes) {
  if (!file_.is_open()) open(O_APPEND);
  if (const int error = write_all(file_.number(), {bytes.data(), bytes.size()}); error != 0)
    fail("writing failed", error);
  size_ += bytes.size();
}

void PartialFile::close() {
  if (!file_.is_open()) return;
  const int flush_error = flush_to_disk(file_.number());
  const int error = file_.close();
  if (flush_error != 0 || error != 0) fail("writing failed", flush_error != 0 ? flush_error : error);
}

void PartialFile::commit() {
  close();
  if (const int error = rename_replacing(partial_, destination_); error != 0)
    fail("cannot be put in place", error);
}

void PartialFile::remove() {
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  std::filesystem::remove(origin_, ignored);
  size_ = 0;
}

}  // namespace clipcls
