// A worker that somebody has taken over: locked like any other, it then does what the picture says, a PNM
// whose first comment is a word of kDeeds.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "image/sandbox/lock_process.h"
#include "image/sandbox/messages.h"

namespace clipcls {
namespace {

int num_pictures = 0;
WorkerRequest request;
WorkerAnswer answer;

void say(const std::string& text) {
  answer.is_error = 1;
  answer.kind = static_cast<std::uint32_t>(ErrorKind::kBrokenImage);
  answer.text_size = static_cast<std::uint32_t>(text.size());
  std::memcpy(answer.text.data(), text.data(), text.size());
}

void give_picture() {
  answer.width = 1;
  answer.height = 1;
  answer.pixels_at = request.pixels_at;
}

/// What a call that should not work has come to.
void say_result(long result) {
  say(result == -1 ? "errno " + std::to_string(errno) : "it worked: " + std::to_string(result));
}

[[noreturn]] void compute_for_ever() {
  for (volatile unsigned i = 0;;) i = i + 1;
}

void take_memory() {
  std::vector<void*> taken;
  constexpr std::size_t kPart = 64U << 20;
  for (int i = 0; i < 1000; ++i) {  // 64 GB
    void* const memory = std::malloc(kPart);
    if (memory == nullptr) {
      say("no more after " + std::to_string(i));
      break;
    }
    std::memset(memory, 1, kPart);
    taken.push_back(memory);
  }
  for (void* memory : taken) std::free(memory);
}

const std::map<std::string, std::function<void()>> kDeeds = {
    {"picture", give_picture},
    {"crash", [] { static_cast<void>(std::raise(SIGSEGV)); }},
    {"abort", [] { std::abort(); }},
    {"exit", [] { _exit(3); }},
    {"crash-if-used",
     [] {
       if (num_pictures > 1) std::abort();
       give_picture();
     }},
    {"compute", [] { compute_for_ever(); }},
    {"wait",
     [] {
       for (;;) sleep(1000);
     }},
    {"memory", take_memory},
    // Rights.
    {"open", [] { say_result(open("/etc/passwd", O_RDONLY)); }},
    {"open-write", [] { say_result(open("/tmp/clipcls-was-here", O_WRONLY | O_CREAT, 0600)); }},
    {"socket", [] { say_result(socket(AF_INET, SOCK_STREAM, 0)); }},
    {"exec", [] { say_result(execl("/bin/true", "true", nullptr)); }},
    {"fork", [] { say_result(fork()); }},
    {"kill", [] { say_result(kill(1, 0)); }},
    {"tgkill", [] { say_result(syscall(SYS_tgkill, 1, 1, 0)); }},
    {"ptrace", [] { say_result(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }},
    {"code",
     [] {
       say_result(mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
                      ? -1
                      : 1);
     }},
    {"grow", [] { say_result(ftruncate(kWorkerMemory, 1L << 40)); }},
    {"write-memory", [] { say_result(write(kWorkerMemory, "x", 1)); }},
    {"raise-limit",
     [] {
       const rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
       say_result(setrlimit(RLIMIT_CPU, &all));
     }},
    // Answers.
    {"huge",
     [] {
       answer.width = 1 << 20;
       answer.height = 1 << 20;
     }},
    {"largest",
     [] {
       answer.width = 0x7FFFFFFF;
       answer.height = 0x7FFFFFFF;
     }},
    {"negative",
     [] {
       give_picture();
       answer.width = -1;
       answer.height = -1;
     }},
    {"nothing", [] {}},
    {"behind",
     [] {
       give_picture();
       answer.pixels_at = request.memory_size;
     }},
    {"far-behind",
     [] {
       give_picture();
       answer.pixels_at = ~std::uint64_t{0} - 4095;
     }},
    {"crooked",
     [] {
       give_picture();
       answer.pixels_at = request.pixels_at + 1;
     }},
    {"kind",
     [] {
       say("x");
       answer.kind = 1000;
     }},
    {"text-size",
     [] {
       say("x");
       answer.text_size = 0x7FFFFFFF;
     }},
    {"text", [] { say("a\nb\x1b[31m\xFF" + std::string(kMaxAnswerText - 9, 'c')); }},
    {"notes",
     [] {
       give_picture();
       answer.notes = ~0U;
     }},
    {"short",
     [] {
       static_cast<void>(!write(kWorkerSocket, "x", 1));
       pause();
     }},
};

int run() {
  WorkerHello hello;
  std::strcpy(hello.version.data(), CLIPCLS_VERSION);
  hello.request_size = sizeof request;
  const std::string problem = lock_process();
  std::memcpy(hello.problem.data(), problem.data(), problem.size());
  if (write(kWorkerSocket, &hello, sizeof hello) != sizeof hello) return 2;
  while (read(kWorkerSocket, &request, sizeof request) == sizeof request) {
    ++num_pictures;
    void* const memory = mmap(nullptr, request.memory_size, PROT_READ, MAP_SHARED, kWorkerMemory, 0);
    std::string deed(static_cast<const char*>(memory) + 4, request.num_bytes - 4);  // "P6 #"
    munmap(memory, request.memory_size);
    answer = {};
    kDeeds.at(deed)();
    if (write(kWorkerSocket, &answer,
              kAnswerHead + std::min<std::size_t>(answer.text_size, answer.text.size())) < 0)
      return 2;
  }
  return 0;
}

}  // namespace
}  // namespace clipcls

int main(int argc, char** argv) {
  // By its name it is as any other; with another one a test has started the wrong program.
  return argc == 2 && std::string(argv[0]) == clipcls::kWorkerName ? clipcls::run() : 1;
}
