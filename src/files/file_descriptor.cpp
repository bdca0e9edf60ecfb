#include "files/file_descriptor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace clipcls {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() { return std::exchange(number_, -1); }

int FileDescriptor::close() {
  if (number_ < 0) return 0;
  // Linux has closed it when it says EINTR; to close it again might close a file of another thread.
  return ::close(release()) == 0 || errno == EINTR ? 0 : errno;
}

FileDescriptor open_file(const std::filesystem::path& path, int flags, mode_t mode) {
  int number = -1;
  do number = open(path.c_str(), flags | O_CLOEXEC, mode);
  while (number < 0 && errno == EINTR);
  return FileDescriptor(number);
}

Error cannot_be_written(const std::filesystem::path& path) {
  return {ErrorKind::kOutput,
          path.string() + ": cannot be written: " + std::system_category().message(errno)};
}

Error cannot_be_made(const std::filesystem::path& path) {
  return {ErrorKind::kOutput,
          path.string() + ": cannot be written; check that its folder exists and may be written to (" +
              std::system_category().message(errno) + ")"};
}

// Note [Opening without waiting]
FileDescriptor open_for_reading(const std::filesystem::path& path) {
  return open_file(path, O_RDONLY | O_NONBLOCK);
}

ssize_t read_some(int descriptor, std::span<char> bytes) {
  ssize_t count = 0;
  do count = read(descriptor, bytes.data(), bytes.size());
  while (count < 0 && errno == EINTR);
  return count;
}

// A read may return less than was asked for without being at the end: pipes and network shares do.
ssize_t read_all(int descriptor, std::span<char> bytes) {
  std::size_t num_read = 0;
  while (num_read < bytes.size()) {
    const ssize_t count = read_some(descriptor, bytes.subspan(num_read));
    if (count < 0) return count;
    if (count == 0) break;
    num_read += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(num_read);
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

int flush_to_disk(int descriptor) {
  int result = 0;
  do result = fsync(descriptor);
  while (result != 0 && errno == EINTR);
  return result == 0 || is_unsupported(errno) ? 0 : errno;
}

int flush_to_disk(const std::filesystem::path& path) {
  const FileDescriptor file = open_for_reading(path);
  // A folder that may be written to and not read cannot be opened, and so not flushed. Its files are there.
  if (!file.is_open()) return errno == EACCES ? 0 : errno;
  return flush_to_disk(file.number());
}

bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat held = {};
  struct stat named = {};
  // lstat: a link that has taken the file's name is another file.
  return fstat(descriptor, &held) == 0 && lstat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

bool is_unsupported(int error) {
  // What file systems say of a call that they do not have. Each has its own word.
  return error == EINVAL || error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS;
}

}  // namespace clipcls
