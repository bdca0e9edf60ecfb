#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "byte_trie.h"

namespace clipcls {

/// How an added token is looked for in a text; the flags of tokenizer.json. Its single_word is not read.
enum AddedTokenFlags : std::uint32_t {
  kLeftStrip = 1,   ///< takes the blanks before it along
  kRightStrip = 2,  ///< … and those behind it
  kNormalized = 4,  ///< looked for in the normalised text
};

struct AddedToken {
  std::uint32_t id;
  std::uint32_t flags;
};

/// A part of a text: an added token, or what lies between two.
struct TextPart {
  std::optional<std::uint32_t> token_id;
  std::string_view text;
};

/// Finds added tokens: from left to right the longest that begins there. `trie` has the places in `tokens` of
/// those that are looked for.
std::vector<TextPart> split_at_added_tokens(std::string_view text, const ByteTrie& trie,
                                            std::span<const AddedToken> tokens);

}  // namespace clipcls
