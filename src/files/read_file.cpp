#include "files/read_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>

#include "files/file_descriptor.h"

namespace clipcls {

int read_to_end(int descriptor, std::string& bytes, std::size_t max_bytes) {
  constexpr std::size_t kBlockBytes = 1 << 20;
  struct stat status = {};
  // One byte more shows the end in the first block; a file that says it is larger may lie.
  const bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  std::size_t block =
      is_file ? std::min(static_cast<std::size_t>(status.st_size) + 1, kBlockBytes) : kBlockBytes;
  std::size_t size = 0;
  bytes.clear();
  for (;;) {
    bytes.resize(size + block);
    const ssize_t count = read_some(descriptor, std::span(bytes).subspan(size));
    // Kept at once, as the calls below may change it.
    const int error = errno;
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
    bytes.resize(size);
    if (count < 0) return error;
    if (count == 0) return 0;
    // Checked while it is read: the size that a file had when it was opened says nothing of one that grows.
    if (size > max_bytes) return EFBIG;
    // Whatever fstat() said: there is more than that.
    block = kBlockBytes;
  }
}

std::string read_problem(int error) {
  if (error == ENOENT || error == ENOTDIR) return "no such file";
  if (error == EISDIR) return "is a folder";
  if (error == EFBIG) return "is too large: it has more than " + std::to_string(kMaxFileBytes) + " bytes";
  return "cannot be read: " + std::system_category().message(error) +
         (error == EACCES ? " (check its permissions)" : "");
}

std::string read_file(const std::filesystem::path& path, ErrorKind kind, const std::string& remedy,
                      std::size_t max_bytes) {
  const auto fail = [&](const std::string& problem) {
    throw Error(kind, path.string() + ": " + problem + (remedy.empty() ? "" : "; " + remedy));
  };
  const FileDescriptor file = open_for_reading(path);
  struct stat status = {};
  if (!file.is_open() || fstat(file.number(), &status) != 0) fail(read_problem(errno));
  if (S_ISDIR(status.st_mode)) fail(read_problem(EISDIR));
  // open_for_reading() does not wait for a pipe's writer, so a pipe would read as empty.
  if (!S_ISREG(status.st_mode)) fail("is no ordinary file");
  std::string bytes;
  const int error = read_to_end(file.number(), bytes, max_bytes);
  if (error == EFBIG) fail("has more than " + std::to_string(max_bytes) + " bytes");
  if (error != 0) fail(read_problem(error));
  return bytes;
}

}  // namespace clipcls
