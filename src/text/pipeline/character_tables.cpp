#include "character_tables.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace clipcls {
namespace {

struct CharacterRange {
  char32_t first;
  char32_t last;
};

struct LowerCaseRun {
  char32_t first;
  char32_t last;
  std::uint32_t step;
  std::int32_t difference;
};

#include "tables.inc"

/// The item of a sorted table whose range holds `c`, or nullptr.
template <typename Item, std::size_t num_items>
const Item* find_range(const Item (&items)[num_items], char32_t c) {
  const Item* const found =
      std::lower_bound(std::begin(items), std::end(items), c,
                       [](const Item& item, char32_t value) { return item.last < value; });
  return found == std::end(items) || found->first > c ? nullptr : found;
}

template <std::size_t num_items>
bool holds(const CharacterRange (&ranges)[num_items], char32_t c) {
  return find_range(ranges, c) != nullptr;
}

}  // namespace

char32_t lower_case(char32_t c) {
  const LowerCaseRun* const run = find_range(kLowerCaseRuns, c);
  if (run == nullptr || (c - run->first) % run->step != 0) return c;
  return static_cast<char32_t>(static_cast<std::int32_t>(c) + run->difference);
}

bool is_rust_whitespace(char32_t c) { return holds(kWhitespace, c); }
bool is_nonspacing_mark(char32_t c) { return holds(kNonspacingMarks, c); }
bool is_bert_removed(char32_t c) { return holds(kBertRemoved, c); }
bool is_bert_blank(char32_t c) { return holds(kBertBlank, c); }
bool is_bert_chinese(char32_t c) { return holds(kBertChinese, c); }
bool is_bert_punctuation(char32_t c) { return holds(kBertPunctuation, c); }
bool is_conjunct_consonant(char32_t c) { return holds(kConsonant, c); }
bool is_conjunct_linker(char32_t c) { return holds(kLinker, c); }

ClusterClass cluster_class(char32_t c) {
  constexpr char32_t kZeroWidthJoiner = U'\u200D';
  if (c == U'\r') return ClusterClass::kCr;
  if (c == U'\n') return ClusterClass::kLf;
  if (c >= U' ' && c < 0x7F) return ClusterClass::kOther;
  if (c == kZeroWidthJoiner) return ClusterClass::kZwj;
  if (holds(kExtend, c)) return ClusterClass::kExtend;
  if (holds(kJoins, c)) return ClusterClass::kSpacingMark;
  if (holds(kControl, c)) return ClusterClass::kControl;
  if (holds(kPrepend, c)) return ClusterClass::kPrepend;
  return holds(kPictograph, c) ? ClusterClass::kPictograph : ClusterClass::kOther;
}

}  // namespace clipcls
