#include "fetch/folder_lock.h"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "clipcls/error.h"
#include "files/file_lock.h"

namespace clipcls {

FolderLock::FolderLock(const std::filesystem::path& file, const std::function<bool()>& keep_waiting) {
  FileDescriptor opened = open_file(file, O_RDWR | O_CREAT, 0644);
  if (!opened.is_open()) {
    throw Error(ErrorKind::kOutput,
                file.string() + ": cannot be locked: " + std::system_category().message(errno));
  }
  constexpr std::chrono::milliseconds kPause(200);
  // Polled, so that keep_waiting() is asked however long another run holds the lock.
  while (!try_lock(opened.number())) {
    if (!keep_waiting()) return;
    std::this_thread::sleep_for(kPause);
  }
  file_ = std::move(opened);
}

}  // namespace clipcls
