// The reference's pattern,
// <start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+, by hand: its
// classes are those of Python's regex module, in the reference's version of Unicode.
#include "pre_tokenize.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "character_class.h"

namespace clipcls {
namespace {

// In the order of the reference's pattern, in which the first match wins.
constexpr std::array<std::u32string_view, 9> kFixedPieces = {
    kStartOfText, kEndOfText, U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d",
};

// Equality without regard to case, as the reference's pattern has it: the long s of old prints is an s.
// `pattern_character` is one of kFixedPieces.
bool is_same_letter(char32_t c, char32_t pattern_character) {
  if (c >= U'A' && c <= U'Z') c += 32;
  if (c == U'\u017F') c = U's';
  return c == pattern_character;
}

// The length of the fixed piece that `text` starts with, 0 if it starts with none.
std::size_t fixed_piece_length(std::u32string_view text) {
  if (text.front() != U'<' && text.front() != U'\'') return 0;
  for (const std::u32string_view piece : kFixedPieces) {
    if (text.size() >= piece.size() &&
        std::equal(piece.begin(), piece.end(), text.begin(), [](char32_t pattern_character, char32_t c) {
          return is_same_letter(c, pattern_character);
        })) {
      return piece.size();
    }
  }
  return 0;
}

// What no part of the pattern matches, and is therefore dropped: the regex module's \s, which has four
// separators less than Python's own whitespace, and U+0345, a mark whose upper case is a letter (as the
// pattern ignores case, the mark is no "anything but letters", without becoming a letter).
bool is_dropped(char32_t c) { return (is_whitespace(c) && !(c >= 0x1C && c <= 0x1F)) || c == 0x345; }

bool is_other(char32_t c) { return !is_letter(c) && !is_number(c) && !is_dropped(c); }

template <typename Predicate>
std::size_t run_length(std::u32string_view text, Predicate predicate) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), predicate) - text.begin());
}

std::size_t piece_length(std::u32string_view text) {
  if (const std::size_t length = fixed_piece_length(text); length > 0) return length;
  if (is_letter(text.front())) return run_length(text, is_letter);
  // The pattern has \p{N} without a plus: every digit is a piece of its own.
  if (is_number(text.front())) return 1;
  return run_length(text, is_other);
}

}  // namespace

std::vector<std::u32string_view> pre_tokenize(std::u32string_view text) {
  std::vector<std::u32string_view> pieces;
  while (!text.empty()) {
    if (is_dropped(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t length = piece_length(text);
    pieces.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return pieces;
}

}  // namespace clipcls
