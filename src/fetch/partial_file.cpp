#include "partial_file.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "clipcls/error.h"

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
  if (!error && (can_verify || (is_same && !validator_.empty()))) size_ = size;
}

void PartialFile::fail(const std::string& problem, int error) const {
  throw Error(ErrorKind::kOutput,
              partial_.string() + ": " + problem + ": " + std::system_category().message(error));
}

void PartialFile::open(const char* mode) {
  file_.reset(std::fopen(partial_.c_str(), mode));
  if (file_ == nullptr) fail("cannot be written", errno);
}

void PartialFile::restart(const std::string& validator) {
  // The origin is written first: bytes never stand beside the origin of others.
  close();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  validator_ = validator;
  std::ofstream origin(origin_, std::ios::trunc);
  origin << url_ << '\n' << validator_ << '\n' << std::flush;
  if (!origin) fail("its .origin cannot be written", errno);
  open("wb");
  size_ = 0;
}

void PartialFile::append(std::span<const char> bytes) {
  if (file_ == nullptr) open("ab");
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) fail("writing failed", errno);
  size_ += bytes.size();
}

void PartialFile::close() {
  if (file_ == nullptr) return;
  std::FILE* file = file_.release();
  const bool is_written = std::fflush(file) == 0;
  const int error = errno;
  std::fclose(file);
  if (!is_written) fail("writing failed", error);
}

void PartialFile::commit() {
  close();
  std::error_code error;
  std::filesystem::rename(partial_, destination_, error);
  if (error) fail("cannot be put in place", error.value());
}

void PartialFile::remove() {
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(partial_, ignored);
  std::filesystem::remove(origin_, ignored);
  size_ = 0;
}

}  // namespace clipcls
