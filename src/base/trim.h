#pragma once

#include <string_view>

namespace clipcls {

/// ASCII's blanks: what surrounds a value in lines that people and programs write.
inline constexpr std::string_view kBlanks = " \t\n\v\f\r";

/// `text` without the blanks around it.
constexpr std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace clipcls
