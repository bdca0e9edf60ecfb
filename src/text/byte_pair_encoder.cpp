#include "byte_pair_encoder.h"

#include <algorithm>
#include <cstddef>
#include <functional>

namespace clipcls {
namespace {

// Note [Merging by a heap]
// The reference works in rounds: it takes the pair of the earliest merge that occurs in the word and merges
// all its occurrences from left to right. Here a heap yields the occurrences one by one, ordered by merge and
// then by position. The two agree, because a symbol is built by one merge only and from symbols of earlier
// merges (parse_merges ensures both; the i-th merge builds id 512 + i, so ids order merges):
// - Merging an occurrence of merge m brings up new pairs, all with the symbol m in them, so only later merges
//   can apply to them. They wait until no occurrence of m is left: the rounds are kept.
// - No occurrence of m can come up during its round, as both its parts were built by merges before m. Those
//   there at its start are taken from left to right; one that has lost a symbol to its left neighbour ("aaa"
//   holds "aa" twice) is skipped, as in the reference's scan.

constexpr std::uint32_t kNoPosition = 0xFFFFFFFF;

// Orders by merge, then by position.
constexpr std::uint64_t make_candidate(TokenId merged, std::uint32_t position) {
  return (std::uint64_t{merged} << 32) | position;
}

}  // namespace

void BytePairEncoder::set_symbols(std::string_view word, Scratch& scratch) {
  const auto length = static_cast<std::uint32_t>(word.size());
  scratch.symbols_.clear();
  for (std::uint32_t i = 0; i < length; ++i) {
    const bool is_last = i + 1 == length;
    // The last byte of a word is another symbol than the same byte elsewhere: it carries "</w>".
    const TokenId id = byte_token_ids()[static_cast<unsigned char>(word[i])] + (is_last ? kNumBytes : 0);
    scratch.symbols_.push_back(
        {id, PairTable::kNone, i == 0 ? kNoPosition : i - 1, is_last ? kNoPosition : i + 1});
  }
}

// Looks up the merge of the symbol at `position` and the next one, and makes it a candidate.
void BytePairEncoder::find_merge(std::uint32_t position, Scratch& scratch) const {
  Scratch::Symbol& symbol = scratch.symbols_[position];
  symbol.merged = symbol.next == kNoPosition ? PairTable::kNone
                                             : pairs_.find(symbol.id, scratch.symbols_[symbol.next].id);
  if (symbol.merged == PairTable::kNone) return;
  scratch.candidates_.push_back(make_candidate(symbol.merged, position));
  std::push_heap(scratch.candidates_.begin(), scratch.candidates_.end(), std::greater<>());
}

void BytePairEncoder::merge_with_next(std::uint32_t position, Scratch& scratch) const {
  Scratch::Symbol& symbol = scratch.symbols_[position];
  Scratch::Symbol& absorbed = scratch.symbols_[symbol.next];
  symbol.id = symbol.merged;
  symbol.next = absorbed.next;
  // Its own candidate on the heap is stale from here on.
  absorbed.merged = PairTable::kNone;
  if (symbol.next != kNoPosition) scratch.symbols_[symbol.next].previous = position;
  // Both neighbours have a new partner. Candidates of the old pairs stay on the heap and are recognised as
  // stale.
  if (symbol.previous != kNoPosition) find_merge(symbol.previous, scratch);
  find_merge(position, scratch);
}

void BytePairEncoder::encode(std::string_view word, Scratch& scratch,
                             std::vector<std::int64_t>& token_ids) const {
  set_symbols(word, scratch);
  scratch.candidates_.clear();
  for (std::uint32_t i = 0; i < scratch.symbols_.size(); ++i) find_merge(i, scratch);
  while (!scratch.candidates_.empty()) {
    std::pop_heap(scratch.candidates_.begin(), scratch.candidates_.end(), std::greater<>());
    const std::uint64_t candidate = scratch.candidates_.back();
    scratch.candidates_.pop_back();
    const auto position = static_cast<std::uint32_t>(candidate);
    // A candidate is stale when one of its symbols has been merged into another one since.
    if (scratch.symbols_[position].merged == candidate >> 32) merge_with_next(position, scratch);
  }
  for (std::uint32_t i = 0; i != kNoPosition; i = scratch.symbols_[i].next) {
    token_ids.push_back(scratch.symbols_[i].id);
  }
}

}  // namespace clipcls
