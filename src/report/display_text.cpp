#include "clipcls/report/display_text.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace clipcls {
namespace {

int code_point_width(UChar32 code_point) {
  const int category = u_charType(code_point);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR) return 0;
  const int width = u_getIntPropertyValue(code_point, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

icu::UnicodeString from_utf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

}  // namespace

int display_width(std::string_view text) {
  const icu::UnicodeString unicode = from_utf8(text);
  int width = 0;
  for (std::int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1))
    width += code_point_width(unicode.char32At(i));
  return width;
}

std::string printable(std::string_view text) {
  const icu::UnicodeString unicode = from_utf8(text);
  std::string result;
  for (std::int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
    const UChar32 code_point = unicode.char32At(i);
    if (u_charType(code_point) == U_CONTROL_CHAR) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02X", static_cast<unsigned>(code_point));
      result += escape.data();
    } else {
      icu::UnicodeString(code_point).toUTF8String(result);
    }
  }
  return result;
}

}  // namespace clipcls
