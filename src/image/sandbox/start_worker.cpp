#include "start_worker.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "clipcls/error.h"
#include "lock_process.h"
#include "messages.h"

namespace clipcls {
namespace {

// Where its libraries lie. Others may be secrets, which whoever takes it over would read.
constexpr auto kKeptVariables = std::to_array<std::string_view>(
    {"LD_LIBRARY_PATH=", "LIBHEIF_PLUGIN_PATH=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="});

void require_done(int error) {
  if (error != 0)
    throw Error(ErrorKind::kUnreadable,
                "the decoder's process cannot be started: " + std::system_category().message(error));
}

/// The shared memory is a file to the system, which sends a signal where one grows beyond the limit (ulimit
/// -f).
void require_large_files() {
  constexpr rlim_t kRoom = rlim_t{2} << 30U;  // for pictures of 179 megapixels in files of the usual sizes
  rlimit limit = {};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < kRoom)
    throw Error(ErrorKind::kUnreadable,
                "the decoder's memory needs a limit on the size of files (ulimit -f) of 2 GiB or more");
}

/// `descriptor` under a number above those of the worker, so that none of them is overwritten by another.
FileDescriptor moved_up(const FileDescriptor& descriptor) {
  FileDescriptor moved(fcntl(descriptor.number(), F_DUPFD_CLOEXEC, kWorkerMemory + 1));
  // A number that the limit (ulimit -n) does not have is called invalid.
  if (!moved.is_open()) require_done(errno == EINVAL ? EMFILE : errno);
  return moved;
}

struct SpawnActions {
  posix_spawn_file_actions_t value = {};
  SpawnActions() { require_done(posix_spawn_file_actions_init(&value)); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&value); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  SpawnActions(SpawnActions&&) = delete;
  SpawnActions& operator=(SpawnActions&&) = delete;
};

struct SpawnAttributes {
  posix_spawnattr_t value = {};
  SpawnAttributes() { require_done(posix_spawnattr_init(&value)); }
  ~SpawnAttributes() { posix_spawnattr_destroy(&value); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  SpawnAttributes(SpawnAttributes&&) = delete;
  SpawnAttributes& operator=(SpawnAttributes&&) = delete;
};

std::vector<char*> kept_environment() {
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    for (const std::string_view name : kKeptVariables) {
      if (text.starts_with(name)) kept.push_back(*entry);
    }
  }
  kept.push_back(nullptr);
  return kept;
}

pid_t spawn(const std::filesystem::path& program, std::string_view format, int socket, int memory) {
  SpawnActions actions;
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    // What a sanitizer has to say is worth hearing.
    if (stream == STDERR_FILENO && !is_lock_real()) continue;
    require_done(posix_spawn_file_actions_addopen(&actions.value, stream, "/dev/null", O_RDWR, 0));
  }
  require_done(posix_spawn_file_actions_adddup2(&actions.value, socket, kWorkerSocket));
  require_done(posix_spawn_file_actions_adddup2(&actions.value, memory, kWorkerMemory));
  require_done(posix_spawn_file_actions_addclosefrom_np(&actions.value, kWorkerMemory + 1));

  SpawnAttributes attributes;
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  require_done(posix_spawnattr_setflags(
      &attributes.value, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  require_done(posix_spawnattr_setpgroup(&attributes.value, 0));
  require_done(posix_spawnattr_setsigmask(&attributes.value, &none));
  require_done(posix_spawnattr_setsigdefault(&attributes.value, &all));

  std::string name = kWorkerName;
  std::string what(format);
  std::array<char*, 3> arguments = {name.data(), what.data(), nullptr};
  std::vector<char*> environment = kept_environment();
  pid_t process = -1;
  require_done(posix_spawn(&process, program.c_str(), &actions.value, &attributes.value, arguments.data(),
                           environment.data()));
  return process;
}

}  // namespace

StartedWorker start_worker(const std::filesystem::path& program, std::string_view format) {
  require_large_files();
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) require_done(errno);
  StartedWorker worker;
  worker.socket = FileDescriptor(ends[0]);
  const FileDescriptor its_socket = moved_up(FileDescriptor(ends[1]));
  worker.memory = FileDescriptor(memfd_create("clipcls picture", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!worker.memory.is_open()) require_done(errno);
  if (fcntl(worker.memory.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) require_done(errno);
  const FileDescriptor its_memory = moved_up(worker.memory);
  worker.process = spawn(program, format, its_socket.number(), its_memory.number());
  return worker;
}

}  // namespace clipcls
