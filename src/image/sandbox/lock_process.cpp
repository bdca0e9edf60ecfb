#include "lock_process.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <vector>

namespace clipcls {

#ifdef CLIPCLS_SANITIZED

std::string lock_process() { return ""; }
bool is_lock_real() { return false; }

#elif !defined(__x86_64__) && !defined(__aarch64__)

std::string lock_process() { return "no list of system calls is known for this kind of processor"; }
bool is_lock_real() { return true; }

#else

namespace {

#ifdef __x86_64__
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif

// What decoders and the C library below them need. The reads and writes are of descriptors that were there
// before: there is no way to get another.
constexpr auto kAllowed = std::to_array<std::uint32_t>({
    __NR_read,
    __NR_write,
    __NR_writev,
    __NR_ppoll,
#ifdef __NR_poll
    __NR_poll,
#endif
    __NR_munmap,
    __NR_mremap,
    __NR_madvise,
    __NR_brk,  // memory
    __NR_futex,
    __NR_set_robust_list,
    __NR_rseq,
    __NR_rt_sigprocmask,
    __NR_sched_yield,  // threads
    __NR_sched_getaffinity,
    __NR_gettid,
    __NR_getpid,
    __NR_sysinfo,
    __NR_getrandom,
    __NR_clock_gettime,
    __NR_clock_getres,
    __NR_gettimeofday,
    __NR_clock_nanosleep,
    __NR_nanosleep,
#ifdef __NR_time
    __NR_time,
#endif
    __NR_restart_syscall,  // a wait that a stop (SIGSTOP) came between
    __NR_exit,
    __NR_exit_group,
});

// The C library looks at files to learn, for example, how many processors there are, and at the kind of a
// stream before it writes. It manages without an answer.
constexpr auto kRefused = std::to_array<std::uint32_t>({
    __NR_openat,
    __NR_faccessat,
    __NR_readlinkat,
    __NR_statx,
    __NR_newfstatat,
    __NR_fstat,
    __NR_lseek,
    __NR_ioctl,
    __NR_prctl,
    __NR_prlimit64,
    __NR_uname,
#ifdef __NR_open
    __NR_open,
    __NR_access,
    __NR_readlink,
    __NR_stat,
    __NR_lstat,
    __NR_getrlimit,
#endif
});

constexpr std::uint32_t kEnd = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t kFail = SECCOMP_RET_ERRNO;

/// The lower half of an argument. Flags and process numbers have no more.
constexpr std::uint32_t argument(std::size_t index) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

/// The list as a program for the kernel. The number of the call is what it has loaded.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    skip_unless(BPF_JEQ, kArchitecture, 1);
    skip(1);
    end_with(kEnd);
    load(offsetof(seccomp_data, nr));
  }

  void on_call(std::uint32_t call, std::uint32_t result) {
    skip_unless(BPF_JEQ, call, 1);
    end_with(result);
  }
  /// Allowed where the argument has none of the bits.
  void allow_without(std::uint32_t call, std::size_t index, std::uint32_t bits) {
    on_argument(call, index, BPF_JSET, bits, kEnd, SECCOMP_RET_ALLOW);
  }
  /// Allowed where the argument is this.
  void allow_with(std::uint32_t call, std::size_t index, std::uint32_t value) {
    on_argument(call, index, BPF_JEQ, value, SECCOMP_RET_ALLOW, kEnd);
  }
  void end_with(std::uint32_t result) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, result)); }

  sock_fprog program() { return {static_cast<unsigned short>(code_.size()), code_.data()}; }

 private:
  void on_argument(std::uint32_t call, std::size_t index, unsigned condition, std::uint32_t value,
                   std::uint32_t where_true, std::uint32_t otherwise) {
    skip_unless(BPF_JEQ, call, 4);
    load(argument(index));
    skip_unless(condition, value, 1);
    end_with(where_true);
    end_with(otherwise);
  }
  void load(std::size_t at) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)));
  }
  void skip(std::uint32_t count) { code_.push_back(BPF_STMT(BPF_JMP | BPF_JA, count)); }
  void skip_unless(unsigned condition, std::uint32_t value, std::uint8_t count) {
    code_.push_back(BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | condition | BPF_K), value, 0, count));
  }

  std::vector<sock_filter> code_;
};

Filter make_filter() {
  Filter filter;
  for (const std::uint32_t call : kAllowed) filter.on_call(call, SECCOMP_RET_ALLOW);
  for (const std::uint32_t call : kRefused) filter.on_call(call, kFail | EACCES);
  // Memory becomes no code.
  filter.allow_without(__NR_mmap, 2, PROT_EXEC);
  filter.allow_without(__NR_mprotect, 2, PROT_EXEC);
  // A thread as the C library starts it, no process; what clone3() asks for cannot be seen here.
  filter.on_call(__NR_clone3, kFail | ENOSYS);
  filter.allow_with(__NR_clone, 0,
                    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |
                        CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID);
  // abort() sends itself a signal.
  filter.allow_with(__NR_tgkill, 0, static_cast<std::uint32_t>(getpid()));
  filter.end_with(kEnd);
  return filter;
}

bool set_limit(int resource, rlim_t value) {
  const rlimit limit = {value, value};
  return setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0;
}

/// When memory is short, the system ends this process before others.
void offer_to_be_ended() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  static_cast<void>(!write(file, "1000", 4));
  close(file);
}

}  // namespace

std::string lock_process() {
  const auto failed = [](const char* what) {
    return std::string(what) + ": " + std::system_category().message(errno);
  };
  offer_to_be_ended();
  // One descriptor, as poll() may not have more than that; none is free.
  if (!set_limit(RLIMIT_CORE, 0) || !set_limit(RLIMIT_FSIZE, 0) || !set_limit(RLIMIT_NOFILE, 1))
    return failed("its limits cannot be lowered");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS");
  Filter filter = make_filter();
  sock_fprog program = filter.program();
  // All threads. The second flag keeps older kernels from slowing the process down against attacks on secrets
  // in its own memory: it has none.
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
              SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) != 0)
    return failed("the system has no seccomp filters for it");
  return "";
}

bool is_lock_real() { return true; }

#endif

}  // namespace clipcls
