#include "clean_text.h"

#include "character_class.h"
#include "fix_text.h"
#include "html_unescape.h"
#include "unicode.h"

namespace clipcls {

std::u32string collapse_whitespace(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  bool is_space_due = false;
  for (const char32_t c : text) {
    if (is_whitespace(c)) {
      is_space_due = !out.empty();
      continue;
    }
    if (is_space_due) out.push_back(U' ');
    is_space_due = false;
    out.push_back(c);
  }
  return out;
}

std::u32string clean_text(std::u32string_view text) {
  const std::u32string fixed = fix_text(text);
  // The reference unescapes twice, for text that was escaped twice; lower case comes last in it, too.
  const std::u32string unescaped = unescape_html(unescape_html(fixed));
  return to_lower(collapse_whitespace(unescaped));
}

}  // namespace clipcls
