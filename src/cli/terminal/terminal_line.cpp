#include "cli/terminal/terminal_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/terminal/message.h"
#include "cli/terminal/terminal_abilities.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval(100);

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<long long>(std::min(seconds, 359999.0));
  const std::string minutes = fmt::format("{}:{:02}", whole / 60 % 60, whole % 60);
  return whole < 3600 ? minutes : fmt::format("{}:{:0>5}", whole / 3600, minutes);
}

bool TerminalLine::stderr_is_terminal() { return is_capable_terminal(STDERR_FILENO); }

void TerminalLine::show(const std::string& text, const std::string& name) {
  if (!is_due()) return;
  next_ = Clock::now() + kRedrawInterval;
  // The last column stays free: writing it makes some terminals go to the next line. A narrow one loses the
  // name first, then the end.
  const int columns = std::max(1, terminal_columns(STDERR_FILENO) - 1);
  std::string line = text.substr(0, static_cast<std::size_t>(columns));
  if (!name.empty() && display_width(name) + 2 + display_width(text) <= columns) line = name + "  " + text;
  show_status_line(line);
}

void TerminalLine::clear() { clear_status_line(); }

}  // namespace clipcls
