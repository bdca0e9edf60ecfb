#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace clipcls {

/// One line of merges: what `right` behind the left piece becomes, and how early.
struct MergeEntry {
  std::uint32_t right;
  std::uint32_t rank;
  std::uint32_t merged;
};

/// Merges of two pieces, by their ids, as two arrays that can lie in a mapped file.
class MergeTable {
 public:
  MergeTable() = default;
  /// `first`: where the entries of each left piece begin, one more than there are pieces; those of a piece
  /// are sorted by `right`. Throws Error (kModel) where a place lies outside, or an id is not below the
  /// number of pieces.
  MergeTable(std::span<const std::uint32_t> first, std::span<const MergeEntry> entries);

  /// nullptr: the two do not merge.
  const MergeEntry* find(std::uint32_t left, std::uint32_t right) const;

 private:
  std::span<const std::uint32_t> first_;
  std::span<const MergeEntry> entries_;
};

}  // namespace clipcls
