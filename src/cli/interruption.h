#pragma once

namespace clipcls {

/// While it lives, Ctrl-C and a request to end (SIGINT, SIGTERM) are noted instead of ending the program. One
/// at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  Interruption(Interruption&&) = delete;
  Interruption& operator=(Interruption&&) = delete;

  static bool has_happened();
  /// What a shell expects of a program that the signal ended: 128 and the signal's number.
  static int exit_code();
};

}  // namespace clipcls
