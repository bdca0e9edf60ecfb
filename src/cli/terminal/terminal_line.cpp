#include "cli/terminal/terminal_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cli/terminal/message.h"

namespace clipcls {
namespace {

constexpr std::chrono::milliseconds kRedrawInterval(100);
constexpr int kDefaultColumns = 80;

int terminal_columns() {
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kDefaultColumns;
}

}  // namespace

std::string format_duration(double seconds) {
  const auto whole = static_cast<long long>(std::min(seconds, 359999.0));
  const std::string minutes = fmt::format("{}:{:02}", whole / 60 % 60, whole % 60);
  return whole < 3600 ? minutes : fmt::format("{}:{:0>5}", whole / 3600, minutes);
}

bool TerminalLine::stderr_is_terminal() {
  const char* const value = std::getenv("TERM");
  const std::string_view type = value == nullptr ? "" : value;
  return isatty(STDERR_FILENO) == 1 && !type.empty() && type != "dumb";
}

void TerminalLine::show(const std::string& text, const std::string& name) {
  if (!is_due()) return;
  next_ = Clock::now() + kRedrawInterval;
  // The last column stays free: writing it makes some terminals go to the next line. A narrow one loses the
  // name first, then the end.
  const auto columns = static_cast<std::size_t>(std::max(1, terminal_columns() - 1));
  std::string line = text;
  if (!name.empty() && name.size() + 2 + line.size() <= columns) line = name + "  " + line;
  line.resize(std::min(line.size(), columns));
  show_status_line(line);
}

void TerminalLine::clear() { clear_status_line(); }

}  // namespace clipcls
