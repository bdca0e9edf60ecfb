#include "cli/terminal/message.h"

#include <unistd.h>

#include <atomic>
#include <iostream>
#include <mutex>
#include <string>

#include "cli/flags/parameter_names.h"
#include "cli/terminal/terminal_abilities.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

constexpr const char* kRed = "\x1B[31m";
constexpr const char* kYellow = "\x1B[33m";
constexpr const char* kPlain = "\x1B[0m";
constexpr const char* kClearLine = "\r\x1B[K";

/// As a message is printed: flags in place of parameters, and no control characters.
std::string shown(const std::string& message) { return printable(with_flags(message)); }

std::mutex stderr_mutex;  // guards standard error and the next
std::string status_line;  // as it is shown; empty: there is none
std::atomic<bool> are_messages_plain = false;

std::string coloured(const std::string& word, const char* colour) {
  return !are_messages_plain && wants_colours(STDERR_FILENO) ? colour + word + kPlain : word;
}

/// In one write, so that the status line is never seen to be gone. With the mutex locked.
void print_lines(const std::string& lines) {
  std::cerr << (status_line.empty() ? "" : kClearLine) + lines + status_line << std::flush;
}

void print_line(const std::string& line) {
  const std::lock_guard lock(stderr_mutex);
  print_lines(line + "\n");
}

}  // namespace

HeldMessages::HeldMessages(bool are_rows_on_terminal)
    : lock_(stderr_mutex), are_rows_on_terminal_(are_rows_on_terminal) {
  if (are_rows_on_terminal_ && !status_line.empty()) std::cerr << kClearLine << std::flush;
}

HeldMessages::~HeldMessages() {
  if (!are_rows_on_terminal_ || status_line.empty()) return;
  std::cout << std::flush;
  std::cerr << status_line << std::flush;
}

void leave_messages_plain() { are_messages_plain = true; }

void print_message(const std::string& message) { print_line("clipcls: " + shown(message)); }

void print_text(const std::string& lines) {
  const std::lock_guard lock(stderr_mutex);
  print_lines(lines);
}

void print_warning(const std::string& message) {
  print_line("clipcls: " + coloured("warning:", kYellow) + " " + shown(message));
}

void print_failure(const std::string& message) {
  print_line(coloured("clipcls:", kRed) + " " + shown(message));
}

void show_status_line(const std::string& line) {
  const std::lock_guard lock(stderr_mutex);
  if (line == status_line) return;
  status_line = line;
  std::cerr << kClearLine + line << std::flush;
}

void clear_status_line() {
  const std::lock_guard lock(stderr_mutex);
  if (!status_line.empty()) std::cerr << kClearLine << std::flush;
  status_line.clear();
}

}  // namespace clipcls
