#include "text_cleaning.h"

#include "clean_text.h"
#include "fix_text.h"
#include "html_unescape.h"
#include "unicode.h"
#include "utf8.h"

namespace clipcls {
namespace {

bool is_ascii_punctuation(char32_t c) {
  return (c >= U'!' && c <= U'/') || (c >= U':' && c <= U'@') || (c >= U'[' && c <= U'`') ||
         (c >= U'{' && c <= U'~');
}

/// open_clip's basic_clean(), but for the whitespace at the ends, which all that call it take away.
std::u32string repair(std::u32string_view text) { return unescape_html(unescape_html(fix_text(text))); }

std::u32string clean_characters(TextCleaning cleaning, const std::u32string& text) {
  switch (cleaning) {
    case TextCleaning::kNone:
      return text;
    case TextCleaning::kWhitespace:
      return collapse_whitespace(repair(text));
    case TextCleaning::kLower:
      return clean_text(text);
    case TextCleaning::kCanonicalize: {
      std::u32string kept = repair(text);
      for (char32_t& c : kept) c = c == U'_' ? U' ' : c;
      std::erase_if(kept, is_ascii_punctuation);
      return collapse_whitespace(to_lower(kept));
    }
    case TextCleaning::kSiglip: {
      // Lower case comes first: an apostrophe decides whether a sigma behind it is a final one.
      std::u32string kept = to_lower(text);
      std::erase_if(kept, is_ascii_punctuation);
      return collapse_whitespace(kept);
    }
  }
  return text;
}

}  // namespace

std::string clean_text_as(TextCleaning cleaning, std::string_view text) {
  if (cleaning == TextCleaning::kNone) return std::string(text);
  std::string bytes;
  for (const char32_t c : clean_characters(cleaning, decode_utf8(text))) append_utf8(c, bytes);
  return bytes;
}

}  // namespace clipcls
