#include "interruption.h"

#include <csignal>

namespace clipcls {
namespace {

volatile std::sig_atomic_t noted_signal = 0;

void note(int signal) { noted_signal = signal; }

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  noted_signal = 0;
  set_handler(SIGINT, &note);
  set_handler(SIGTERM, &note);
}

Interruption::~Interruption() {
  set_handler(SIGINT, SIG_DFL);
  set_handler(SIGTERM, SIG_DFL);
}

bool Interruption::has_happened() { return noted_signal != 0; }

int Interruption::exit_code() { return 128 + noted_signal; }

}  // namespace clipcls
