#include "fix_text.h"

#include <cstddef>
#include <utility>

#include "html_unescape.h"
#include "text_repairs.h"
#include "unicode.h"

namespace clipcls {
namespace {

// ftfy cuts longer lines here, so that a character and its combining mark may fall into two segments.
constexpr std::size_t kMaxSegmentLength = 1'000'000;

// ftfy repeats until nothing changes. Each round peels one layer off an entity that was escaped several times
// ("&amp;amp;lt;"); without a limit a text of nothing else would take quadratic time.
constexpr int kMaxRounds = 100;

// The order is ftfy's. Its repair of surrogates is missing: decoded UTF-8 has none.
std::u32string fix_once(std::u32string_view segment, bool unescapes_html) {
  std::u32string text = unescapes_html ? unescape_html_cautiously(segment) : std::u32string(segment);
  text = replace_characters(text);
  text = fix_line_breaks(text);
  text = remove_terminal_escapes(text);
  text = remove_control_characters(text);
  return normalize_nfc(text);
}

std::u32string fix_segment(std::u32string_view segment, bool unescapes_html) {
  std::u32string text(segment);
  for (int round = 0; round < kMaxRounds; ++round) {
    std::u32string fixed = fix_once(text, unescapes_html);
    const bool is_settled = fixed == text;
    text = std::move(fixed);
    if (is_settled) break;
  }
  return text;
}

}  // namespace

std::u32string fix_text(std::u32string_view text) {
  std::u32string fixed;
  fixed.reserve(text.size());
  bool unescapes_html = true;
  while (!text.empty()) {
    std::u32string_view segment = text.substr(0, kMaxSegmentLength);
    if (const std::size_t line_end = segment.find(U'\n'); line_end != std::u32string_view::npos) {
      segment = segment.substr(0, line_end + 1);
    }
    // A "<" looks like real HTML, whose entities are kept: from this segment on, to the end of the text.
    if (segment.find(U'<') != std::u32string_view::npos) unescapes_html = false;
    fixed += fix_segment(segment, unescapes_html);
    text.remove_prefix(segment.size());
  }
  return fixed;
}

}  // namespace clipcls
