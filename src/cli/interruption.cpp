#include "interruption.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <string_view>

namespace clipcls {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note(int signal) { noted_signal = signal; }

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};
std::array<struct sigaction, kSignals.size()> earlier_actions = {};

}  // namespace

Interruption::Interruption() {
  noted_signal = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], nullptr, &earlier_actions[i]);
    if (earlier_actions[i].sa_handler == SIG_IGN) continue;
    struct sigaction action = {};
    action.sa_handler = &note;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, nullptr);
  }
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &earlier_actions[i], nullptr);
}

bool Interruption::has_happened() { return noted_signal != 0; }

void end_clearly_on_lost_pages() {
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
    constexpr int kNothingDone = 2;
    _exit(kNothingDone);
  };
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

int Interruption::exit_code() { return 128 + noted_signal; }

}  // namespace clipcls
