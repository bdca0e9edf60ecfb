#pragma once

#include <filesystem>
#include <functional>

#include "files/file_descriptor.h"

namespace clipcls {

/// Keeps a second process out of a download folder. The kernel lets go of it when the process ends, however
/// that happens; the lock's file stays.
class FolderLock {
 public:
  /// Takes the lock; while another process has it, asks `keep_waiting` five times a second and gives up when
  /// that says false. Throws Error (kOutput) when `file` cannot be made.
  FolderLock(const std::filesystem::path& file, const std::function<bool()>& keep_waiting);

  /// False: gave up waiting.
  bool is_held() const { return file_.is_open(); }

 private:
  FileDescriptor file_;
};

}  // namespace clipcls
