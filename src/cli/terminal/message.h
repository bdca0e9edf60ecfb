#pragma once

#include <mutex>
#include <string>

namespace clipcls {

// Standard error: messages, one a line, and below them, on a terminal, a status line that gives way to each.
// The library's parameters become flags (with_flags()). Control characters are made visible. Safe for several
// threads.

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

/// While it is held, messages of other threads wait, and the status line gives way: standard output may be
/// the same terminal, and none is to fall into a row there. Whoever holds it prints no message.
std::unique_lock<std::mutex> hold_messages();

}  // namespace clipcls
