#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "merges.h"
#include "pair_table.h"

namespace clipcls {

/// Merges the bytes of a word into the longest symbols, by the order of the merges.
class BytePairEncoder {
 public:
  explicit BytePairEncoder(const std::vector<Merge>& merges) : pairs_(merges) {}

  /// Memory for encode(), to be reused from word to word.
  class Scratch {
    friend class BytePairEncoder;
    struct Symbol {
      TokenId id;
      TokenId merged;  // what it and the next symbol merge into, or PairTable::kNone
      std::uint32_t previous;
      std::uint32_t next;
    };
    std::vector<Symbol> symbols_;
    std::vector<std::uint64_t> candidates_;
  };

  /// Appends the token ids of `word` (bytes, not empty) to `token_ids`. Takes O(n log n) for n bytes.
  void encode(std::string_view word, Scratch& scratch, std::vector<std::int64_t>& token_ids) const;

  bool operator==(const BytePairEncoder&) const = default;

 private:
  static void set_symbols(std::string_view word, Scratch& scratch);
  void find_merge(std::uint32_t position, Scratch& scratch) const;
  void merge_with_next(std::uint32_t position, Scratch& scratch) const;

  PairTable pairs_;
};

}  // namespace clipcls
