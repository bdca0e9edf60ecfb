#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <filesystem>
#include <span>
#include <string_view>

#include "clipcls/error.h"

namespace clipcls {

/// The owner of an open descriptor, which is closed at the end.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  /// -1 is none.
  explicit FileDescriptor(int number) : number_(number) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

  /// Gives it away: nothing is closed.
  int release();

  /// 0, or the errno: a network share may say only here that the disk is full.
  int close();

 private:
  int number_ = -1;
};

// Note [Interrupted calls]. A signal, such as the one of a terminal whose size changes, ends a call that
// waits: it fails with EINTR, or has read or written a part. Everything below goes on then.

/// open(2); other programs that this one starts do not get the descriptor. Where it fails the result is not
/// open, and errno says why.
FileDescriptor open_file(const std::filesystem::path& path, int flags, mode_t mode = 0666);

/// kOutput, for a file that has just failed to open: errno is the reason.
Error cannot_be_written(const std::filesystem::path& path);
/// The same for one that was to be made, where its folder may be the reason.
Error cannot_be_made(const std::filesystem::path& path);

/// Note [Opening without waiting]. To open a pipe waits until somebody writes to it, which may be never. With
/// O_NONBLOCK it is opened at once, and whoever wants an ordinary file then sees that it is none. For
/// ordinary files the flag changes nothing.
FileDescriptor open_for_reading(const std::filesystem::path& path);

/// read(2): the number of bytes, 0 at the end; -1, and errno says why.
ssize_t read_some(int descriptor, std::span<char> bytes);

/// Reads until `bytes` is full or the end is reached: the number of bytes; -1, and errno says why.
ssize_t read_all(int descriptor, std::span<char> bytes);

/// Writes all of `bytes`: 0, or the errno.
int write_all(int descriptor, std::string_view bytes);

/// Returns when the file is on the disk: 0, or the errno. A file system that cannot tell counts as one that
/// has done it.
int flush_to_disk(int descriptor);
/// Also of a folder, whose names are on the disk then. One that may not be read cannot be flushed, and counts
/// as done.
int flush_to_disk(const std::filesystem::path& path);

/// Whether `path` still names the open file; a symbolic link is not followed.
bool is_same_file(int descriptor, const std::filesystem::path& path);

/// What a file system says that lacks a function.
bool is_unsupported(int error);

}  // namespace clipcls
