#pragma once

#include <charconv>
#include <string>
#include <string_view>

namespace clipcls {

/// A text of a golden file in which bytes are written as %XX.
inline std::string unescape_percent(std::string_view escaped) {
  std::string bytes;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] != '%') {
      bytes.push_back(escaped[i]);
      continue;
    }
    unsigned value = 0;
    std::from_chars(escaped.data() + i + 1, escaped.data() + i + 3, value, 16);
    bytes.push_back(static_cast<char>(value));
    i += 2;
  }
  return bytes;
}

}  // namespace clipcls
