#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "merges.h"

namespace clipcls {

/// Which symbol two neighbouring symbols merge into: a hash table with open addressing.
class PairTable {
 public:
  static constexpr TokenId kNone = 0xFFFFFFFF;

  explicit PairTable(const std::vector<Merge>& merges);

  /// The symbol that `left` and `right` merge into, kNone if they do not.
  TokenId find(TokenId left, TokenId right) const;

  /// Whether both come from the same merges in the same order.
  bool operator==(const PairTable&) const = default;

 private:
  struct Slot {
    TokenId left = kNone;
    TokenId right = kNone;
    TokenId merged = kNone;

    bool operator==(const Slot&) const = default;
  };

  std::size_t first_slot(TokenId left, TokenId right) const;

  std::vector<Slot> slots_;  // the size is a power of two, at most half of them are used
};

}  // namespace clipcls
