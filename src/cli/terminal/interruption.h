#pragma once

#include <stop_token>

#include "base/threads.h"

namespace clipcls {

/// The exit code where nothing was done.
inline constexpr int kNothingDone = 2;

/// While it lives, Ctrl-C, a request to end, the end of the terminal and of the processor time that ulimit -t
/// grants (SIGINT, SIGTERM, SIGHUP, SIGXCPU) are noted instead of ending the program. A second one of the
/// same kind ends it at once, unless it comes within a fifth of a second: `timeout` sends one to the process
/// and one to its group, and a terminal and its shell may each send one. SIGXCPU comes every second until the
/// hard limit. What was ignored at the start, as nohup and shells in the background do, stays ignored. Where
/// no thread can be started, signals end the program as ever. One at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  Interruption(Interruption&&) = delete;
  Interruption& operator=(Interruption&&) = delete;

  /// Requested when one has happened: a signal handler may not do that itself, a thread does it at once.
  std::stop_token stop_token() const { return stop_.get_token(); }

  static bool has_happened();
  /// What a shell expects of a program that the signal ended: 128 and the signal's number.
  static int exit_code();

 private:
  std::stop_source stop_;
  ThreadGroup watch_;
};

/// Ends the program with one line and exit code 2 where a mapped file was cut short while it is in use
/// (SIGBUS), as `cp` over a model does. Rows that were written stay.
void install_sigbus_handler();

}  // namespace clipcls
