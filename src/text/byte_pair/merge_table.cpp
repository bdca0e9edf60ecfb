#include "merge_table.h"

#include <algorithm>

#include "text/pipeline/refuse.h"

namespace clipcls {

MergeTable::MergeTable(std::span<const std::uint32_t> first, std::span<const MergeEntry> entries)
    : first_(first), entries_(entries) {
  constexpr const char* kDamaged = "its table of merges is damaged";
  if (first.empty() || first.front() != 0 || first.back() != entries.size() || !std::ranges::is_sorted(first))
    refuse_tokenizer(kDamaged);
  const std::size_t num_pieces = first.size() - 1;
  for (const MergeEntry& entry : entries) {
    if (entry.right >= num_pieces || entry.merged >= num_pieces) refuse_tokenizer(kDamaged);
  }
}

const MergeEntry* MergeTable::find(std::uint32_t left, std::uint32_t right) const {
  if (left + std::size_t{1} >= first_.size()) return nullptr;
  const auto begin = entries_.begin() + first_[left];
  const auto end = entries_.begin() + first_[left + 1];
  const auto found = std::lower_bound(
      begin, end, right, [](const MergeEntry& entry, std::uint32_t id) { return entry.right < id; });
  return found == end || found->right != right ? nullptr : &*found;
}

}  // namespace clipcls
