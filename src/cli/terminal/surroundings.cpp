#include "cli/terminal/surroundings.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <exception>
#include <new>
#include <string>

#include "base/threads.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"

namespace clipcls {
namespace {

// What systems give as a rule. libtorch's parser calls itself as deep as a model's code is nested.
constexpr rlim_t kStackBytes = rlim_t{8} << 20U;
constexpr rlim_t kMinStackBytes = rlim_t{2} << 20U;

void take_closed_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest number that is free, which is this one.
    static_cast<void>(!open("/", O_PATH | O_DIRECTORY));
  }
}

void give_threads_stack() {
  pthread_attr_t attributes;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  std::size_t num_bytes = 0;
  pthread_attr_getstacksize(&attributes, &num_bytes);
  if (num_bytes < kMinStackBytes && pthread_attr_setstacksize(&attributes, kStackBytes) == 0)
    pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

/// glibc reserves 64 MB of addresses for each of up to eight arenas a core: where addresses are limited,
/// threads could not have their stacks. With one, they wait for each other instead.
void save_addresses() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
}

/// Whether the first thread has stack enough: it grows up to the current limit.
bool has_stack() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kMinStackBytes) return true;
  limit.rlim_cur = std::min(kStackBytes, limit.rlim_max);
  return setrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur >= kMinStackBytes;
}

/// An exception that nobody catches: of a thread, or of a library that is opened with too little memory.
[[noreturn]] void end_in_one_line() {
  std::string problem = "internal error: the program has ended itself";
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    problem = "out of memory";
  } catch (const std::exception& error) {
    problem = std::string("internal error: ") + error.what();
  } catch (...) {
    // This kind of exception has no message.
  }
  print_failure(problem);
  _exit(kNothingDone);
}

}  // namespace

void settle_surroundings() {
  take_closed_streams();
  std::set_terminate(end_in_one_line);
  std::signal(SIGXFSZ, SIG_IGN);
  save_addresses();
  give_threads_stack();
}

int run_with_stack(int (*run)(int, char**), int argc, char** argv) {
  if (has_stack()) return run(argc, argv);
  int exit_code = 0;
  ThreadGroup thread;
  thread.start(1, [&] { exit_code = run(argc, argv); });
  thread.join();
  return exit_code;
}

}  // namespace clipcls
