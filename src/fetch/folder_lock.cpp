#include "clipcls/fetch/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "clipcls/error.h"

namespace clipcls {

FolderLock::FolderLock(const std::filesystem::path& file, const std::function<bool()>& keep_waiting)
    : descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  const auto fail = [&](int error) {
    throw Error(ErrorKind::kOutput,
                file.string() + ": cannot be locked: " + std::system_category().message(error));
  };
  if (descriptor_ < 0) fail(errno);
  constexpr std::chrono::milliseconds kPause(200);
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (error == EWOULDBLOCK && keep_waiting()) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    close(descriptor_);
    descriptor_ = -1;
    if (error == EWOULDBLOCK) return;
    fail(error);
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace clipcls
