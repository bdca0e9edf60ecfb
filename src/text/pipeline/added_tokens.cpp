#include "added_tokens.h"

#include <algorithm>

#include "character_tables.h"
#include "text/utf8.h"

namespace clipcls {
namespace {

bool is_trailing_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

/// The first byte of the character that ends before `end`, which is above 0.
std::size_t previous_character(std::string_view text, std::size_t end) {
  std::size_t start = end - 1;
  while (start > 0 && is_trailing_byte(text[start])) --start;
  return start;
}

std::size_t next_character(std::string_view text, std::size_t start) {
  std::size_t end = start + 1;
  while (end < text.size() && is_trailing_byte(text[end])) ++end;
  return end;
}

char32_t character(std::string_view text, std::size_t from, std::size_t to) {
  return decode_utf8(text.substr(from, to - from)).front();
}

}  // namespace

std::vector<TextPart> split_at_added_tokens(std::string_view text, const ByteTrie& trie,
                                            std::span<const AddedToken> tokens) {
  std::vector<TextPart> parts;
  std::size_t done = 0;  // what lies before it is in `parts`
  const auto add = [&](std::optional<std::uint32_t> token_id, std::size_t end) {
    if (end > done || token_id)
      parts.push_back({token_id, text.substr(std::min(done, end), end - std::min(done, end))});
    done = std::max(done, end);
  };
  for (std::size_t at = 0; !trie.empty() && at < text.size();) {
    const auto [place, length] = trie.longest_prefix(text.substr(at));
    if (length == 0) {
      ++at;
      continue;
    }
    std::size_t start = at;
    std::size_t end = at + length;
    at = end;
    const AddedToken& token = tokens[place];
    if ((token.flags & kLeftStrip) != 0) {
      while (start > done) {
        const std::size_t before = previous_character(text, start);
        if (!is_rust_whitespace(character(text, before, start))) break;
        start = before;
      }
    }
    if ((token.flags & kRightStrip) != 0) {
      while (end < text.size() && is_rust_whitespace(character(text, end, next_character(text, end))))
        end = next_character(text, end);
    }
    if (start > done) add(std::nullopt, start);
    add(token.id, end);
  }
  add(std::nullopt, text.size());
  return parts;
}

}  // namespace clipcls
