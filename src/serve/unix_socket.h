#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "files/file_descriptor.h"
#include "files/removed_at_signal.h"

namespace clipcls {

/// A Unix socket that listens: a file that its owner alone may connect to.
class UnixSocketFile {
 public:
  /// Connections wait from here on. A socket at `path` that nobody listens to is replaced. Throws Error
  /// (kInvalidArgument) where a server listens there, where something else is there, which stays as it is,
  /// and where no socket can be made.
  explicit UnixSocketFile(const std::filesystem::path& path);
  /// Removes the file, if it is still this one. So does a signal that ends the program.
  ~UnixSocketFile();
  UnixSocketFile(const UnixSocketFile&) = delete;
  UnixSocketFile& operator=(const UnixSocketFile&) = delete;
  UnixSocketFile(UnixSocketFile&&) = delete;
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }  ///< absolute
  /// Gives the descriptor that listens away.
  int release() { return listening_.release(); }

 private:
  std::filesystem::path path_;
  FileDescriptor listening_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
  std::optional<RemovedAtSignal> at_signal_;
};

/// A connection to the server that listens at `path`; not open: none does. Each write to it waits `max_wait`
/// at most, too. Throws Error (kInvalidArgument) where there may be one that this process cannot reach: it
/// has no right to, the path is too long, or the server takes no connection within `max_wait`.
FileDescriptor connect_to_socket(const std::filesystem::path& path, std::chrono::seconds max_wait);

}  // namespace clipcls
