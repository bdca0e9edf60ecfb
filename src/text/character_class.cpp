#include "character_class.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace clipcls {
namespace {

struct CodePointRange {
  char32_t first;
  char32_t last;
};

#include "unicode_ranges.inc"

template <std::size_t num_ranges>
bool contains(const CodePointRange (&ranges)[num_ranges], char32_t c) {
  const auto* const range = std::lower_bound(
      std::begin(ranges), std::end(ranges), c,
      [](const CodePointRange& candidate, char32_t value) { return candidate.last < value; });
  return range != std::end(ranges) && range->first <= c;
}

}  // namespace

// ASCII first, as nearly all text is.
bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  return contains(kLetters, c);
}

bool is_number(char32_t c) {
  if (c < 0x80) return c >= U'0' && c <= U'9';
  return contains(kNumbers, c);
}

bool is_decimal_digit(char32_t c) {
  if (c < 0x80) return c >= U'0' && c <= U'9';
  return contains(kDecimalDigits, c);
}

bool is_whitespace(char32_t c) { return contains(kWhitespace, c); }

}  // namespace clipcls
