// Single repairs of ftfy's fix_text(), which CLIP's tokenizer calls. What ftfy leaves alone stays, too.
#include "text_repairs.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "character_class.h"
#include "unicode.h"
#include "windows_1252.h"

namespace clipcls {
namespace {

// Ligatures and digraphs of Latin letters. Others, such as "æ", are meant, and stay.
std::u32string_view latin_ligature_letters(char32_t c) {
  switch (c) {
    case U'\u0132':
      return U"IJ";
    case U'\u0133':
      return U"ij";
    case U'\u0149':
      return U"\u02BCn";
    case U'\u01C4':
      return U"D\u017D";
    case U'\u01C5':
      return U"D\u017E";
    case U'\u01C6':
      return U"d\u017E";
    case U'\u01C7':
      return U"LJ";
    case U'\u01C8':
      return U"Lj";
    case U'\u01C9':
      return U"lj";
    case U'\u01CA':
      return U"NJ";
    case U'\u01CB':
      return U"Nj";
    case U'\u01CC':
      return U"nj";
    case U'\u01F1':
      return U"DZ";
    case U'\u01F2':
      return U"Dz";
    case U'\u01F3':
      return U"dz";
    case U'\uFB00':
      return U"ff";
    case U'\uFB01':
      return U"fi";
    case U'\uFB02':
      return U"fl";
    case U'\uFB03':
      return U"ffi";
    case U'\uFB04':
      return U"ffl";
    case U'\uFB05':
      return U"\u017Ft";
    case U'\uFB06':
      return U"st";
    default:
      return {};
  }
}

// Full-width and half-width forms, and the ideographic space.
bool has_width_form(char32_t c) { return c == U'\u3000' || (c >= 0xFF01 && c <= 0xFFEF); }

char32_t uncurl_quote(char32_t c) {
  if (c >= 0x201C && c <= 0x201F) return U'"';
  if (c == 0x02BC || (c >= 0x2018 && c <= 0x201B)) return U'\'';
  return c;
}

// ftfy's list. Tab, line feed, form feed and carriage return are not on it.
bool is_removable_control(char32_t c) {
  return c <= 0x08 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F || (c >= 0x206A && c <= 0x206F) ||
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

// The length of the escape sequence that `text` starts with, 0 if it starts with none.
std::size_t terminal_escape_length(std::u32string_view text) {
  if (!text.starts_with(U"\x1b[")) return 0;
  std::size_t end = 2;
  while (end < text.size() && (text[end] == U';' || is_decimal_digit(text[end]))) ++end;
  if (end == text.size()) return 0;
  const bool is_complete =
      (text[end] >= U'a' && text[end] <= U'z') || (text[end] >= U'A' && text[end] <= U'Z');
  return is_complete ? end + 1 : 0;
}

}  // namespace

std::u32string replace_characters(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  const auto append = [&](char32_t c) { out.push_back(uncurl_quote(c)); };
  // ftfy runs the four over the whole text, one after the other. Character by character is the same, as long
  // as what one of them yields is given to those behind it: "ŉ" is a curly quote and an "n".
  for (const char32_t original : text) {
    if (original < 0x80) {
      out.push_back(original);
      continue;
    }
    // C1 controls in a text are most likely Windows-1252 that was read as Latin-1.
    const char32_t c = original <= 0x9F ? windows_1252_character(original) : original;
    if (const std::u32string_view letters = latin_ligature_letters(c); !letters.empty()) {
      std::for_each(letters.begin(), letters.end(), append);
    } else if (has_width_form(c)) {
      const std::u32string plain = compatibility_form(c);
      std::for_each(plain.begin(), plain.end(), append);
    } else {
      append(c);
    }
  }
  return out;
}

std::u32string fix_line_breaks(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;  // the "\n" behind it stays
    // ftfy also names U+0085, which is a C1 control and has become "…" before.
    const bool is_line_break = c == U'\r' || c == 0x2028 || c == 0x2029;
    out.push_back(is_line_break ? U'\n' : c);
  }
  return out;
}

std::u32string remove_terminal_escapes(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = terminal_escape_length(text.substr(i));
    if (length == 0) out.push_back(text[i]);
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

std::u32string remove_control_characters(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char32_t c) { return !is_removable_control(c); });
  return out;
}

}  // namespace clipcls
