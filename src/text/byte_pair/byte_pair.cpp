#include "byte_pair.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>

namespace clipcls {
namespace {

constexpr std::size_t kNoNeighbour = static_cast<std::size_t>(-1);

struct MergedSymbol {
  std::uint32_t id;
  std::size_t previous;
  std::size_t next;
  bool is_gone = false;  ///< it belongs to the symbol before it
};

/// (rank, place of the left symbol, id of what they become): the least comes first.
using Candidate = std::tuple<std::uint32_t, std::size_t, std::uint32_t>;

std::size_t size_of_character(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

BytePair::BytePair(const ByteTrie& pieces, const MergeTable& merges, const Settings& settings)
    : pieces_(pieces), merges_(merges), settings_(settings) {
  if (settings.has_byte_fallback) bytes_.emplace(pieces);
}

/// The ids of the characters, before anything is merged.
std::vector<std::int64_t> BytePair::spell(std::string_view word) const {
  std::vector<std::int64_t> ids;
  // As in the reference: it waits for a known character, and bytes overtake it.
  bool is_unknown_due = false;
  while (!word.empty()) {
    const std::string_view character = word.substr(0, size_of_character(word.front()));
    word.remove_prefix(character.size());
    if (const std::uint32_t id = pieces_.find(character); id != ByteTrie::kNone) {
      if (is_unknown_due) ids.push_back(*settings_.unk_id);
      is_unknown_due = false;
      ids.push_back(id);
      continue;
    }
    if (bytes_ && bytes_->append(character, ids)) continue;
    if (!settings_.unk_id) continue;
    if (is_unknown_due && !settings_.fuses_unknown) ids.push_back(*settings_.unk_id);
    is_unknown_due = true;
  }
  if (is_unknown_due) ids.push_back(*settings_.unk_id);
  return ids;
}

void BytePair::merge(std::vector<std::int64_t> ids, std::vector<std::int64_t>& token_ids) const {
  std::vector<MergedSymbol> symbols;
  symbols.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    symbols.push_back({static_cast<std::uint32_t>(ids[i]), i == 0 ? kNoNeighbour : i - 1,
                       i + 1 == ids.size() ? kNoNeighbour : i + 1});
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  const auto consider = [&](std::size_t left) {
    if (left == kNoNeighbour || symbols[left].next == kNoNeighbour) return;
    const MergeEntry* const entry = merges_.find(symbols[left].id, symbols[symbols[left].next].id);
    if (entry != nullptr) candidates.emplace(entry->rank, left, entry->merged);
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) consider(i);
  while (!candidates.empty()) {
    const auto [rank, place, merged] = candidates.top();
    candidates.pop();
    MergedSymbol& left = symbols[place];
    if (left.is_gone || left.next == kNoNeighbour) continue;
    MergedSymbol& right = symbols[left.next];
    // The two may have changed since.
    const MergeEntry* const entry = merges_.find(left.id, right.id);
    if (entry == nullptr || entry->merged != merged) continue;
    left.id = merged;
    left.next = right.next;
    right.is_gone = true;
    if (left.next != kNoNeighbour) symbols[left.next].previous = place;
    consider(left.previous);
    consider(place);
  }
  for (const MergedSymbol& symbol : symbols) {
    if (!symbol.is_gone) token_ids.push_back(symbol.id);
  }
}

void BytePair::encode(std::string_view word, std::vector<std::int64_t>& token_ids) const {
  if (settings_.ignores_merges) {
    if (const std::uint32_t id = pieces_.find(word); id != ByteTrie::kNone) {
      token_ids.push_back(id);
      return;
    }
  }
  merge(spell(word), token_ids);
}

}  // namespace clipcls
