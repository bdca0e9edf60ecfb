#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "byte_trie.h"

namespace clipcls {

/// What makes token ids of the words of a text. Thread-safe: encode() is const.
class PieceModel {
 public:
  PieceModel() = default;
  virtual ~PieceModel() = default;
  PieceModel(const PieceModel&) = delete;
  PieceModel& operator=(const PieceModel&) = delete;
  PieceModel(PieceModel&&) = delete;
  PieceModel& operator=(PieceModel&&) = delete;

  /// Appends the ids of `word`, which is UTF-8 and not empty. Throws Error (kModel) where the vocabulary has
  /// nothing for it.
  virtual void encode(std::string_view word, std::vector<std::int64_t>& token_ids) const = 0;
};

/// The pieces `<0x00>` to `<0xFF>` of a vocabulary, by which texts that it lacks are spelled.
class BytePieces {
 public:
  explicit BytePieces(const ByteTrie& pieces);

  /// Appends an id a byte. False, and nothing is appended: one of them has no piece.
  bool append(std::string_view bytes, std::vector<std::int64_t>& token_ids) const;

 private:
  std::array<std::uint32_t, 256> ids_;
};

}  // namespace clipcls
