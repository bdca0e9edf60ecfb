#include "cli/terminal/message.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string_view>

#include "base/environment.h"
#include "cli/flags/parameter_names.h"
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
bool has_status_line = false;

bool has_colours() {
  return isatty(STDERR_FILENO) == 1 && variable("NO_COLOR").empty() && variable("TERM") != "dumb" &&
         !variable("TERM").empty();
}

std::string coloured(const std::string& word, const char* colour) {
  return has_colours() ? colour + word + kPlain : word;
}

/// With the mutex locked.
void clear_line() {
  if (has_status_line) std::cerr << kClearLine << std::flush;
  has_status_line = false;
}

void print_line(const std::string& line) {
  const std::lock_guard lock(stderr_mutex);
  std::cerr << (has_status_line ? kClearLine : "") + line + "\n" << std::flush;
  has_status_line = false;
}

}  // namespace

std::unique_lock<std::mutex> hold_messages() {
  static const bool is_stdout_terminal = isatty(STDOUT_FILENO) == 1;
  std::unique_lock lock(stderr_mutex);
  if (is_stdout_terminal) clear_line();
  return lock;
}

void print_message(const std::string& message) { print_line("clipcls: " + shown(message)); }

void print_text(const std::string& lines) {
  const std::lock_guard lock(stderr_mutex);
  std::cerr << (has_status_line ? kClearLine : "") + lines << std::flush;
  has_status_line = false;
}

void print_warning(const std::string& message) {
  print_line("clipcls: " + coloured("warning:", kYellow) + " " + shown(message));
}

void print_failure(const std::string& message) {
  print_line(coloured("clipcls:", kRed) + " " + shown(message));
}

void show_status_line(const std::string& line) {
  const std::lock_guard lock(stderr_mutex);
  std::cerr << kClearLine + line << std::flush;
  has_status_line = true;
}

void clear_status_line() {
  const std::lock_guard lock(stderr_mutex);
  clear_line();
}

}  // namespace clipcls
