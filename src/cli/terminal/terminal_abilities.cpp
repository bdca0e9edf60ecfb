#include "cli/terminal/terminal_abilities.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/environment.h"

namespace clipcls {

bool is_capable_terminal(int descriptor) {
  const std::string type = variable("TERM");
  return isatty(descriptor) == 1 && !type.empty() && type != "dumb";
}

bool wants_colours(int descriptor) { return is_capable_terminal(descriptor) && variable("NO_COLOR").empty(); }

bool takes_links(int descriptor) {
  return is_capable_terminal(descriptor) && variable("TERM") != "linux";  // the console without a desktop
}

int terminal_columns(int descriptor) {
  constexpr int kUsualColumns = 80;
  winsize size{};
  const bool is_known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kUsualColumns;
}

bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    std::string locale = variable(name);
    if (locale.empty()) continue;
    std::ranges::transform(locale, locale.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return true;
}

}  // namespace clipcls
