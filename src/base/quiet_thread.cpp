#include "base/quiet_thread.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <system_error>
#include <thread>

namespace clipcls {
namespace {

std::atomic<bool> is_process_quiet = false;

/// Gives this thread a table of open files of its own, in which standard error is nothing.
void silence_this_thread() {
  // The call itself, as the C library of old systems has no name for it. Linux 5.9 is the first that knows
  // it.
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_UNSHARE) != 0) return;
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0) return;
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
}

}  // namespace

void run_quietly(const std::function<void()>& work) {
  if (is_process_quiet) {
    work();
    return;
  }
  std::exception_ptr thrown;
  std::thread thread;
  try {
    thread = std::thread([&] {
      silence_this_thread();
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
    });
  } catch (const std::system_error&) {
    work();  // no more threads may be started
    return;
  }
  thread.join();
  if (thrown) std::rethrow_exception(thrown);
}

void note_quiet_process() { is_process_quiet = true; }

}  // namespace clipcls
