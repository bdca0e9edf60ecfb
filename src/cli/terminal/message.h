#pragma once

#include <mutex>
#include <string>

namespace clipcls {

// Standard error: messages, one a line, and below them, on a terminal, a status line, which is drawn again
// behind each.
// The library's parameters become flags (with_flags()). Control characters are made visible. Safe for several
// threads.

/// From here on messages have no colours.
void leave_messages_plain();

/// "clipcls: MESSAGE"
void print_message(const std::string& message);

/// Prints whole lines as they are.
void print_text(const std::string& lines);

/// "clipcls: warning: MESSAGE", in yellow where there are colours: standard error is a terminal that knows
/// them, and $NO_COLOR is not set (no-color.org).
void print_warning(const std::string& message);

/// print_message() of something that failed, in red where there are colours.
void print_failure(const std::string& message);

/// Writes `line` in place of the last status line, without an end of line.
void show_status_line(const std::string& line);
void clear_status_line();

/// While it lives, messages of other threads wait. Where rows go to a terminal, which may be that of standard
/// error, the status line gives way to them, and is drawn again at the end. Whoever has one prints no
/// message, and ends each row that it writes to standard output with its line.
class HeldMessages {
 public:
  explicit HeldMessages(bool are_rows_on_terminal);
  ~HeldMessages();
  HeldMessages(const HeldMessages&) = delete;
  HeldMessages& operator=(const HeldMessages&) = delete;
  HeldMessages(HeldMessages&&) = delete;
  HeldMessages& operator=(HeldMessages&&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  bool are_rows_on_terminal_;
};

}  // namespace clipcls
