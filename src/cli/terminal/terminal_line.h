#pragma once

#include <chrono>
#include <string>

namespace clipcls {

/// A speed that was measured for a shorter time would jump about.
inline constexpr double kMinMeasuredSeconds = 0.5;

/// "1:05", "2:00:09": minutes or hours and what is left of them.
std::string format_duration(double seconds);

/// How far something is, on the status line (see message.h), which is rewritten at most ten times a second.
class TerminalLine {
 public:
  explicit TerminalLine(bool is_shown) : is_shown_(is_shown) {}
  ~TerminalLine() { clear(); }
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;
  TerminalLine(TerminalLine&&) = delete;
  TerminalLine& operator=(TerminalLine&&) = delete;

  /// Where standard error is a terminal that can rewrite a line.
  static bool stderr_is_terminal();

  /// Whether the next show() will be drawn.
  bool is_due() const { return is_shown_ && Clock::now() >= next_; }
  /// Draws `text`, which is ASCII, cut to the width of the terminal; `name` stands before it where there is
  /// room for both.
  void show(const std::string& text, const std::string& name = {});
  /// Takes the line away.
  static void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool is_shown_;
  Clock::time_point next_;  ///< no redrawing before
};

}  // namespace clipcls
