// What is read may be a stranger's: a pipe that nobody writes to, a device without an end, a terabyte of
// zeros that takes no room on the disk, a file that grows faster than it is read.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "files/file_descriptor.h"
#include "image/decode_image.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

// The first block says whether the rest is worth reading.
constexpr std::size_t kFirstBytes = 65536;
// No decoder takes more.
constexpr std::uint64_t kMaxBytes = std::numeric_limits<std::int32_t>::max();
// The writer of a pipe was started before this program had read its model, if it was started at all.
constexpr int kFirstWriterMilliseconds = 1000;
constexpr int kSilentWriterMilliseconds = 60'000;

[[noreturn]] void fail(const std::string& problem) { throw Error(ErrorKind::kUnreadable, problem); }

std::string reason(int error) { return std::system_category().message(error); }

void require_readable_kind(mode_t mode) {
  if (S_ISDIR(mode)) fail("is a folder; a list names files");
  // Opening some devices does something, and reading others never ends.
  if (!S_ISREG(mode) && !S_ISFIFO(mode)) {
    fail("is a device or a socket, not a file; '-' reads one image from standard input");
  }
}

void require_size(std::uint64_t num_bytes) {
  if (num_bytes > kMaxBytes) {
    throw Error(ErrorKind::kTooLarge,
                "has more than " + std::to_string(kMaxBytes) + " bytes, which no picture here may have");
  }
}

/// Waits for what a writer has to say. False: it has come and gone.
bool wait_for_writer(int descriptor, int milliseconds, const char* if_silent) {
  pollfd pipe = {descriptor, POLLIN, 0};
  int count = 0;
  do count = poll(&pipe, 1, milliseconds);
  while (count < 0 && errno == EINTR);
  if (count == 0) fail(if_silent);
  return (pipe.revents & POLLIN) != 0;
}

/// Reads a pipe, opened without waiting, or any descriptor that waits by itself. `size` is that of an
/// ordinary file, else 0.
std::vector<std::uint8_t> read_to_end(int descriptor, std::uint64_t size) {
  require_size(size);
  std::vector<std::uint8_t> bytes(kFirstBytes);
  std::size_t num_read = 0;
  bool has_writer = false;
  for (;;) {
    if (num_read == bytes.size()) {
      // What is no picture is refused after 64 KiB, however long it is.
      if (num_read == kFirstBytes) require_picture_format(bytes);
      // One byte more than there should be shows a file that has grown.
      bytes.resize(std::max<std::size_t>(2 * num_read, size + 1));
    }
    const ssize_t count =
        read_some(descriptor, {reinterpret_cast<char*>(bytes.data()) + num_read, bytes.size() - num_read});
    // Only a pipe that has a writer says this; one without says that it has ended.
    if (count < 0 && errno == EAGAIN) {
      has_writer = true;
      wait_for_writer(descriptor, kSilentWriterMilliseconds,
                      "is a pipe whose writer was silent for a minute");
      continue;
    }
    if (count < 0) fail("reading it failed midway: " + reason(errno));
    num_read += static_cast<std::size_t>(count);
    require_size(num_read);
    // An image that is still being copied would decode as a broken one.
    if (size > 0 && (num_read > size || (count == 0 && num_read < size)))
      fail("was changed while it was read; run again when it is complete");
    if (count > 0) continue;
    // Nobody writes to this pipe: not any more, or not yet.
    struct stat status = {};
    const bool is_pipe = fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode);
    if (is_pipe && num_read == 0 && !has_writer && descriptor != STDIN_FILENO) {
      has_writer = true;
      if (wait_for_writer(descriptor, kFirstWriterMilliseconds, "is a pipe that nobody writes to")) continue;
    }
    bytes.resize(num_read);
    return bytes;
  }
}

}  // namespace

std::vector<std::uint8_t> read_image_bytes(const ImageInput& input) {
  if (input.error) throw *input.error;
  if (input.is_standard_input) return read_to_end(STDIN_FILENO, 0);
  // What is behind a NUL byte would be forgotten, and another file opened.
  if (input.path.find('\0') != std::string::npos)
    throw Error(ErrorKind::kNotFound, "a path holds no NUL byte");
  struct stat status = {};
  if (stat(input.path.c_str(), &status) == 0) require_readable_kind(status.st_mode);
  // The kind is asked for before opening, as opening a device may act, and again of what was opened, as the
  // name may have come to mean another file in between.
  const FileDescriptor file = open_for_reading(input.path);
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) throw Error(ErrorKind::kNotFound, "no such file");
    fail("cannot be opened: " + reason(errno) + (errno == EACCES ? "; check its permissions" : ""));
  }
  if (fstat(file.number(), &status) != 0) fail("cannot be read: " + reason(errno));
  require_readable_kind(status.st_mode);
  return read_to_end(file.number(), static_cast<std::uint64_t>(status.st_size));
}

}  // namespace clipcls
