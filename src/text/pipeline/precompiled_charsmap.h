#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clipcls {

/// SentencePiece's precompiled normalisation: a double-array trie of strings, then what they become. The
/// bytes stay where they lie.
class PrecompiledCharsmap {
 public:
  /// Throws Error (kModel) where the bytes are cut short.
  explicit PrecompiledCharsmap(std::string_view bytes);

  /// Visits every node. Throws Error (kModel) where one points outside, or at what is no text. Takes 10 ms:
  /// for a file when it is imported. Without it, replacement() throws for what is wrong.
  void check() const;

  /// As the normaliser Precompiled of tokenizers: grapheme cluster by grapheme cluster, each as a whole where
  /// it has fewer than six bytes and the table has something for it, else character by character.
  std::string normalize(std::string_view text) const;

 private:
  /// What the shortest string of the table that `chunk` begins with becomes.
  std::optional<std::string_view> replacement(std::string_view chunk) const;
  std::uint32_t unit(std::size_t index) const;
  std::string_view text_at(std::uint32_t offset) const;

  std::string_view units_;  ///< four bytes each, little-endian
  std::string_view texts_;  ///< each ends in a zero
};

}  // namespace clipcls
