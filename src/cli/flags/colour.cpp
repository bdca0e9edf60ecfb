#include "cli/flags/colour.h"

#include <charconv>
#include <string_view>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {

std::array<std::uint8_t, 3> parse_colour(const std::string& text) {
  if (text == "white") return {255, 255, 255};
  if (text == "black") return {0, 0, 0};
  if (text == "grey" || text == "gray") return {128, 128, 128};
  std::string digits = text.starts_with('#') ? text.substr(1) : "";
  if (digits.size() == 3) digits = {digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]};
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [parsed, error] = std::from_chars(digits.data(), end, value, 16);
  if (digits.size() != 6 || error != std::errc() || parsed != end) {
    throw Error(ErrorKind::kUsage,
                "--background " + text + ": is not a colour; use white, black, grey, #rgb or #rrggbb");
  }
  return {static_cast<std::uint8_t>(value >> 16), static_cast<std::uint8_t>(value >> 8 & 255),
          static_cast<std::uint8_t>(value & 255)};
}

std::string colour_text(const std::optional<std::array<std::uint8_t, 3>>& colour) {
  if (!colour) return "";
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t channel : *colour) {
    text += kHexDigits[channel >> 4];
    text += kHexDigits[channel & 15];
  }
  return text;
}

}  // namespace clipcls
