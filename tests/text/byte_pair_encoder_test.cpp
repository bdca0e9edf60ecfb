#include "text/byte_pair_encoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "text/clip_merges.h"

namespace clipcls {
namespace {

using Ids = std::vector<std::int64_t>;
using Ranks = std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>;

Ids encode(const BytePairEncoder& encoder, const std::string& word) {
  BytePairEncoder::Scratch scratch;
  Ids ids;
  encoder.encode(word, scratch, ids);
  return ids;
}

Ranks ranks_of(const std::vector<Merge>& merges) {
  Ranks ranks;
  for (const Merge& merge : merges) {
    ranks.emplace(std::pair(merge.left, merge.right), static_cast<std::int64_t>(ranks.size()));
  }
  return ranks;
}

// The method as the reference has it: in each round, all occurrences of the earliest merge, from left to
// right.
Ids encode_in_rounds(const Ranks& ranks, const std::string& word) {
  Ids symbols;
  for (const char byte : word) symbols.push_back(byte_token_ids()[static_cast<unsigned char>(byte)]);
  symbols.back() += kNumBytes;
  for (;;) {
    auto best = ranks.end();
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto found = ranks.find({symbols[i], symbols[i + 1]});
      if (found != ranks.end() && (best == ranks.end() || found->second < best->second)) best = found;
    }
    if (best == ranks.end()) return symbols;
    Ids merged;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      const bool is_occurrence =
          i + 1 < symbols.size() && std::pair(symbols[i], symbols[i + 1]) == best->first;
      merged.push_back(is_occurrence ? kNumByteSymbols + best->second : symbols[i]);
      if (is_occurrence) ++i;
    }
    symbols = std::move(merged);
  }
}

// A merges table over the letters a, b and c, in which overlaps and chains are as frequent as can be.
std::vector<Merge> random_merges(std::mt19937& random) {
  std::vector<std::string> symbols = {"a", "b", "c", "a</w>", "b</w>", "c</w>"};
  std::set<std::string> built(symbols.begin(), symbols.end());
  std::string text = "#version";
  for (int i = 0; i < 40; ++i) {
    const std::string left = symbols[random() % symbols.size()];
    const std::string right = symbols[random() % symbols.size()];
    if (left.ends_with("</w>") || !built.insert(left + right).second) continue;
    symbols.push_back(left + right);
    text += "\n" + left + " " + right;
  }
  return parse_merges(text);
}

std::string random_word(std::mt19937& random, std::string_view letters, std::size_t max_length) {
  std::string word(1 + random() % max_length, ' ');
  for (char& c : word) c = letters[random() % letters.size()];
  return word;
}

TEST(BytePairEncoder, merges_overlapping_pairs_from_the_left) {
  const BytePairEncoder encoder(parse_merges("#version\na a\n"));
  const std::int64_t a = byte_token_ids()['a'];
  const std::int64_t aa = kNumByteSymbols;
  EXPECT_EQ(encode(encoder, "a"), (Ids{a + kNumBytes}));
  EXPECT_EQ(encode(encoder, "aaa"), (Ids{aa, a + kNumBytes}));
  EXPECT_EQ(encode(encoder, "aaaa"), (Ids{aa, a, a + kNumBytes}));
  EXPECT_EQ(encode(encoder, "aaaaab"), (Ids{aa, aa, a, byte_token_ids()['b'] + std::int64_t{kNumBytes}}));
}

TEST(BytePairEncoder, equals_the_method_in_rounds_on_random_merges) {
  std::mt19937 random(1);
  for (int table = 0; table < 200; ++table) {
    const std::vector<Merge> merges = random_merges(random);
    const BytePairEncoder encoder(merges);
    const Ranks ranks = ranks_of(merges);
    for (int i = 0; i < 100; ++i) {
      const std::string word = random_word(random, "abc", 40);
      ASSERT_EQ(encode(encoder, word), encode_in_rounds(ranks, word)) << word << " with table " << table;
    }
  }
}

TEST(BytePairEncoder, equals_the_method_in_rounds_on_clips_merges) {
  std::mt19937 random(2);
  const std::vector<Merge> merges = parse_merges(clip_merges_text());
  const BytePairEncoder encoder(merges);
  const Ranks ranks = ranks_of(merges);
  std::string any_byte(256, ' ');
  for (std::size_t i = 0; i < any_byte.size(); ++i) any_byte[i] = static_cast<char>(i);
  for (int i = 0; i < 3000; ++i) {
    const std::string_view letters = i % 3 == 0   ? std::string_view(any_byte)
                                     : i % 3 == 1 ? "aehlnost"
                                                  : "!.-=ao";
    const std::string word = random_word(random, letters, 60);
    ASSERT_EQ(encode(encoder, word), encode_in_rounds(ranks, word)) << "word " << i;
  }
}

// One piece of a megabyte; a quadratic method would take minutes.
TEST(BytePairEncoder, encodes_long_words) {
  const BytePairEncoder encoder(parse_merges(clip_merges_text()));
  std::string word;
  while (word.size() < 1'000'000) word += "dolphinaaaahaha";
  const Ids ids = encode(encoder, word);
  EXPECT_GT(ids.size(), word.size() / 16);
  EXPECT_LT(ids.size(), word.size());
}

}  // namespace
}  // namespace clipcls
