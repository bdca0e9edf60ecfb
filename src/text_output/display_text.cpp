#include "text_output/display_text.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

namespace clipcls {
namespace {

int code_point_width(UChar32 code_point) {
  const int category = u_charType(code_point);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR) return 0;
  // Unicode Standard Annex 11: wide and full-width characters take two columns of a terminal, marks none.
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
    // Terminals obey control characters: a file's name must not colour, move or clear the screen.
    if (u_charType(code_point) == U_CONTROL_CHAR) {
      result += fmt::format("\\x{:02X}", static_cast<unsigned>(code_point));
    } else {
      icu::UnicodeString(code_point).toUTF8String(result);
    }
  }
  return result;
}

std::size_t first_character_size(std::string_view text) {
  // The shortest beginning that is whole; a byte that begins none is taken alone.
  for (std::size_t size = 1; size <= U8_MAX_LENGTH; ++size) {
    if (is_utf8(text.substr(0, size))) return std::min(size, text.size());
  }
  return 1;
}

bool is_plain_character(std::string_view character) {
  return is_utf8(character) && u_charType(from_utf8(character).char32At(0)) != U_CONTROL_CHAR;
}

bool is_utf8(std::string_view bytes) {
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strFromUTF8(nullptr, 0, &length, bytes.data(), static_cast<std::int32_t>(bytes.size()), &status);
  return status != U_INVALID_CHAR_FOUND;
}

}  // namespace clipcls
