#include "cli/terminal/interruption.h"

#include <semaphore.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string_view>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::array<int, 4> kSignals = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
constexpr std::int64_t kSameNanoseconds = 200'000'000;

volatile std::sig_atomic_t noted_signal = 0;
sem_t is_noted;                                                           // posted for each signal
std::array<std::atomic<std::int64_t>, kSignals.size()> first_times = {};  // 0: it has not come; lock-free
std::array<struct sigaction, kSignals.size()> earlier_actions = {};

std::int64_t now() {
  timespec time = {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// Any thread may run it, and any two at once.
void note(int signal) {
  const int error = errno;
  noted_signal = signal;
  sem_post(&is_noted);
  const auto place = static_cast<std::size_t>(std::ranges::find(kSignals, signal) - kSignals.begin());
  std::int64_t first_time = 0;
  const bool is_first = first_times[place].compare_exchange_strong(first_time, now());
  if (!is_first && signal != SIGXCPU && now() - first_time > kSameNanoseconds) {
    // What was to happen before: it ends the program, and removes what is unfinished.
    sigaction(signal, &earlier_actions[place], nullptr);
    raise(signal);
  }
  errno = error;
}

}  // namespace

Interruption::Interruption() {
  noted_signal = 0;
  for (std::atomic<std::int64_t>& time : first_times) time = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], nullptr, &earlier_actions[i]);
  sem_init(&is_noted, 0, 0);
  try {
    watch_.start(1, [this] {
      while (sem_wait(&is_noted) != 0) {  // a signal has ended the call
      }
      if (has_happened()) stop_.request_stop();
    });
  } catch (const Error&) {
    return;
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    if (earlier_actions[i].sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = &note;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &earlier_actions[i], nullptr);
  sem_post(&is_noted);
  watch_.join();
}

bool Interruption::has_happened() { return noted_signal != 0; }

void install_sigbus_handler() {
  struct sigaction action = {};
  action.sa_handler = [](int) {
    constexpr std::string_view kMessage =
        "clipcls: a file of the model was cut short or overwritten while it was in use, or its disk failed; "
        "run "
        "it again, with --resume if there is an output file\n";
    // All threads of an encoder may come here at once; the first one speaks, and ends the others.
    static std::atomic_flag is_said;  // lock-free
    while (is_said.test_and_set()) pause();
    static_cast<void>(!write(STDERR_FILENO, kMessage.data(), kMessage.size()));
    _exit(kNothingDone);
  };
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

int Interruption::exit_code() { return 128 + noted_signal; }

}  // namespace clipcls
