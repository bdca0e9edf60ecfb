#include "pair_table.h"

#include <bit>
#include <cstddef>

namespace clipcls {

// Open addressing in a table that is at most half full, so that a search ends after a few slots.
PairTable::PairTable(const std::vector<Merge>& merges) : slots_(std::bit_ceil(2 * merges.size() + 1)) {
  TokenId merged = kNumByteSymbols;
  for (const Merge& merge : merges) {
    std::size_t slot = first_slot(merge.left, merge.right);
    while (slots_[slot].merged != kNone) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = {merge.left, merge.right, merged++};
  }
}

std::size_t PairTable::first_slot(TokenId left, TokenId right) const {
  const std::uint64_t pair = (std::uint64_t{left} << 32) | right;
  const std::uint64_t hash =
      pair * 0x9E3779B97F4A7C15;  // Fibonacci hashing: the upper bits are the mixed ones
  return static_cast<std::size_t>(hash >> 32) & (slots_.size() - 1);
}

TokenId PairTable::find(TokenId left, TokenId right) const {
  std::size_t slot = first_slot(left, right);
  for (;;) {
    const Slot& candidate = slots_[slot];
    if (candidate.merged == kNone || (candidate.left == left && candidate.right == right))
      return candidate.merged;
    slot = (slot + 1) & (slots_.size() - 1);
  }
}

}  // namespace clipcls
