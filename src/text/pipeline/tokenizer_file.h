#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "refuse.h"

namespace clipcls {

// Note [tokenizer.bin]
// A tokenizer.json of Gemma has 34 MB, whose parsing takes a second. So it is read once, when a model is
// imported, and written as arrays that can be used where they are mapped: a header, then sections at
// multiples of eight bytes, little-endian. Whatever is of variable form stays JSON, in kSettings, which is
// small.

enum class TokenizerSection : std::size_t {
  kSettings,     ///< JSON: model, normalizer, pre_tokenizer, prefix, suffix
  kCharsmap,     ///< the bytes of precompiled_charsmap
  kPieceLabels,  ///< ByteTrie of the vocabulary: pieces to ids
  kPieceChildren,
  kPieceValues,
  kScores,      ///< unigram: a double for each id
  kMergeFirst,  ///< byte pairs: MergeTable
  kMergeEntries,
  kAddedTokens,  ///< AddedToken each
  kPlainLabels,  ///< ByteTrie of those looked for in the text as it is: contents to places in kAddedTokens
  kPlainChildren,
  kPlainValues,
  kNormalizedLabels,  ///< … and of those looked for in the normalised text
  kNormalizedChildren,
  kNormalizedValues,
};
inline constexpr std::size_t kNumTokenizerSections = 15;

using TokenizerSections = std::array<std::string_view, kNumTokenizerSections>;

/// The bytes of such a file.
std::string write_tokenizer_file(const TokenizerSections& sections);

/// Where the sections lie in `bytes`. Throws Error (kModel), without the file's name, where it is no such
/// file, one of another version, or damaged.
TokenizerSections read_tokenizer_file(std::string_view bytes);

/// A section as the array that it is. Throws Error (kModel) where its size does not divide.
template <typename Item>
std::span<const Item> section_items(std::string_view section) {
  if (section.size() % sizeof(Item) != 0 ||
      reinterpret_cast<std::uintptr_t>(section.data()) % alignof(Item) != 0)
    refuse_tokenizer("its sections are damaged");
  return {reinterpret_cast<const Item*>(section.data()), section.size() / sizeof(Item)};
}

/// The bytes of an array.
template <typename Items>
std::string_view bytes_of(const Items& items) {
  return {reinterpret_cast<const char*>(items.data()), items.size() * sizeof(items[0])};
}

}  // namespace clipcls
