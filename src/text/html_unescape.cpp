#include "html_unescape.h"

#include <algorithm>
#include <cstddef>

#include "html_entities.h"
#include "utf8.h"
#include "windows_1252.h"

namespace clipcls {
namespace {

// The two limits are those of the regular expressions in Python's html module and in ftfy.
constexpr std::size_t kMaxNameLength = 32;          // of a name in html.unescape()
constexpr std::size_t kMaxCautiousNameLength = 24;  // of a name or number in ftfy
constexpr char32_t kFirstBeyondUnicode = 0x110000;

bool is_ascii_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

bool is_ascii_alphanumeric(char32_t c) {
  return is_ascii_digit(c) || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
}

// The value of a digit, or 16 where `c` is none.
char32_t hex_digit_value(char32_t c) {
  if (is_ascii_digit(c)) return c - U'0';
  if (c >= U'a' && c <= U'f') return c - U'a' + 10;
  if (c >= U'A' && c <= U'F') return c - U'A' + 10;
  return 16;
}

// html.unescape()'s class: anything but these, so that names need not be ASCII.
bool is_name_character(char32_t c) {
  return std::u32string_view(U"\t\n\f <&#;").find(c) == std::u32string_view::npos;
}

// Code points that a number may not name: it stands for nothing.
bool is_forbidden(char32_t c) {
  return (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || (c >= 0x7F && c <= 0x9F) ||
         (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
}

void append_numbered_character(char32_t number, std::u32string& out) {
  if (number >= 0x80 && number <= 0x9F) {
    out.push_back(windows_1252_character(number));  // what authors of such numbers meant
  } else if (number == 0 || (number >= 0xD800 && number <= 0xDFFF) || number >= kFirstBeyondUnicode) {
    out.push_back(kReplacementCharacter);
  } else if (!is_forbidden(number)) {
    out.push_back(number);
  }
}

// Reads a reference that starts with "&#". Returns its length, 0 if it has no digit.
std::size_t read_numeric_reference(std::u32string_view reference, std::u32string& out) {
  std::size_t i = 2;
  char32_t base = 10;
  if (i < reference.size() && (reference[i] == U'x' || reference[i] == U'X')) {
    base = 16;
    ++i;
  }
  const std::size_t first_digit = i;
  char32_t number = 0;
  for (; i < reference.size() && hex_digit_value(reference[i]) < base; ++i) {
    // Held at the first value beyond Unicode: a number of a thousand digits must not wrap around to a
    // letter.
    number = std::min<char32_t>(number * base + hex_digit_value(reference[i]), kFirstBeyondUnicode);
  }
  if (i == first_digit) return 0;
  append_numbered_character(number, out);
  return i < reference.size() && reference[i] == U';' ? i + 1 : i;
}

// Reads a reference that starts with "&" and no "#". Returns its length, 0 if there is no name.
std::size_t read_named_reference(std::u32string_view reference, std::u32string& out) {
  std::size_t end = 1;
  while (end < reference.size() && end <= kMaxNameLength && is_name_character(reference[end])) ++end;
  if (end == 1) return 0;
  if (end < reference.size() && reference[end] == U';') ++end;
  // The longest name that the text starts with; what follows the name stays, and is not read again.
  for (std::size_t name_end = end; name_end > 2; --name_end) {
    const std::u32string_view text = find_html5_entity(reference.substr(1, name_end - 1));
    if (text.empty()) continue;
    out.append(text).append(reference.substr(name_end, end - name_end));
    return end;
  }
  out.append(reference.substr(0, end));
  return end;
}

// Reads a reference as ftfy does: "&", perhaps "#", letters and digits, ";".
// Returns its length, 0 if there is none.
std::size_t read_cautious_reference(std::u32string_view reference, std::u32string& out) {
  const bool is_numeric = reference.size() > 1 && reference[1] == U'#';
  const std::size_t first = is_numeric ? 2 : 1;
  std::size_t end = first;
  while (end < reference.size() && end - first < kMaxCautiousNameLength &&
         is_ascii_alphanumeric(reference[end])) {
    ++end;
  }
  if (end == first || end == reference.size() || reference[end] != U';') return 0;
  ++end;
  if (!is_numeric) {
    const std::u32string_view text = find_ftfy_entity(reference.substr(1, end - 1));
    out.append(text.empty() ? reference.substr(0, end) : text);
    return end;
  }
  // A semicolon left over says that the number was not read whole; ftfy also leaves "&#59;", which is one.
  std::u32string character;
  const bool is_whole =
      read_numeric_reference(reference.substr(0, end), character) == end && character != U";";
  out.append(is_whole ? std::u32string_view(character) : reference.substr(0, end));
  return end;
}

template <typename ReadReference>
std::u32string replace_references(std::u32string_view text, ReadReference read_reference) {
  std::u32string out;
  out.reserve(text.size());
  std::size_t i = 0;
  for (;;) {
    const std::size_t ampersand = std::min(text.find(U'&', i), text.size());
    out.append(text.substr(i, ampersand - i));
    if (ampersand == text.size()) return out;
    const std::size_t length = read_reference(text.substr(ampersand), out);
    // No reference: the ampersand is one, and what follows is read again.
    if (length == 0) out.push_back(U'&');
    i = ampersand + std::max<std::size_t>(length, 1);
  }
}

}  // namespace

std::u32string unescape_html(std::u32string_view text) {
  return replace_references(text, [](std::u32string_view reference, std::u32string& out) {
    const bool is_numeric = reference.size() > 1 && reference[1] == U'#';
    return is_numeric ? read_numeric_reference(reference, out) : read_named_reference(reference, out);
  });
}

std::u32string unescape_html_cautiously(std::u32string_view text) {
  return replace_references(text, read_cautious_reference);
}

}  // namespace clipcls
