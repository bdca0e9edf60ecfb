#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "support/expect_error.h"
#include "text/pipeline/added_tokens.h"
#include "text/pipeline/byte_trie.h"
#include "text/pipeline/grapheme_clusters.h"
#include "text/pipeline/pattern.h"
#include "text/pipeline/precompiled_charsmap.h"

namespace clipcls {
namespace {

std::string charsmap_of(const std::vector<std::uint32_t>& units, std::string_view texts) {
  const auto num_bytes = static_cast<std::uint32_t>(units.size() * sizeof(std::uint32_t));
  std::string bytes(sizeof(num_bytes) + num_bytes, '\0');
  std::memcpy(bytes.data(), &num_bytes, sizeof(num_bytes));
  std::memcpy(bytes.data() + sizeof(num_bytes), units.data(), num_bytes);
  return bytes.append(texts);
}

/// A trie of one string, "a": its node lies at 256 ^ 'a', its leaf at 512.
std::vector<std::uint32_t> trie_of_a() {
  std::vector<std::uint32_t> units(768);
  constexpr std::uint32_t kNode = 256 ^ 'a';
  units[0] = 256U << 10U;
  units[kNode] = 'a' | 1U << 8U | (kNode ^ 512U) << 10U;
  units[512] = 1U << 31U;
  return units;
}

constexpr std::string_view kTextB = {"b\0", 2};

TEST(PrecompiledCharsmap, replaces_what_it_has) {
  const std::string bytes = charsmap_of(trie_of_a(), kTextB);
  const PrecompiledCharsmap charsmap(bytes);
  charsmap.check();
  EXPECT_EQ(charsmap.normalize("banana \u00e9"), "bbnbnb \u00e9");
  EXPECT_EQ(charsmap.normalize(""), "");
  // A cluster begins with a string of the table: the reference drops what follows it.
  EXPECT_EQ(charsmap.normalize("a\u0301n"), "bn");
  // One of six bytes goes character by character.
  EXPECT_EQ(charsmap.normalize("a\u0301\u0302\u0303n"), "b\u0301\u0302\u0303n");
}

TEST(PrecompiledCharsmap, refuses_what_points_outside) {
  constexpr const char* kOutside = "its precompiled_charsmap points outside";
  const auto check = [](const std::vector<std::uint32_t>& units, std::string_view texts) {
    const std::string bytes = charsmap_of(units, texts);
    return error_message(ErrorKind::kModel, [&] {
      const PrecompiledCharsmap charsmap(bytes);
      error_message(ErrorKind::kModel, [&] { charsmap.normalize("banana"); });
      charsmap.check();
    });
  };
  std::vector<std::uint32_t> units = trie_of_a();
  EXPECT_EQ(check(units, ""), kOutside);
  units[512] |= 2;
  EXPECT_EQ(check(units, kTextB), kOutside);
  units = trie_of_a();
  units[0] = 0x3FFFFFU << 10U;
  EXPECT_EQ(check(units, kTextB), kOutside);
  units[0] = 1U << 9U | 0x3FFFFFU << 10U;
  EXPECT_EQ(check(units, kTextB), kOutside);
  units = trie_of_a();
  units[256 ^ 'a'] |= 1U << 31U;  // of another byte: not found
  EXPECT_EQ(check(units, kTextB), "no error");
  EXPECT_EQ(check(trie_of_a(), "\xFF"), "its precompiled_charsmap has a text that is not UTF-8");
  EXPECT_EQ(check(trie_of_a(), std::string(1001, 'b')),
            "its precompiled_charsmap has a text of more than 1000 bytes");
  const std::string whole = charsmap_of(trie_of_a(), kTextB);
  for (const std::size_t size : {0U, 3U, 4U, 100U, 3075U}) {
    EXPECT_EQ(error_message(ErrorKind::kModel,
                            [&] { PrecompiledCharsmap(std::string_view(whole).substr(0, size)); }),
              "its precompiled_charsmap is cut short");
  }
}

TEST(Pattern, replaces_as_the_expressions_of_tokenizers_do) {
  EXPECT_EQ(Pattern::plain(" ").replace(" a b", "▁"), "▁a▁b");
  EXPECT_EQ(Pattern::plain("aa").replace("aaa", "b"), "ba");
  EXPECT_EQ(Pattern::expression(" {2,}").replace("a   b c  ", " "), "a b c ");
  EXPECT_EQ(Pattern::expression(R"(\s+)").replace("a \t\u3000b", " "), "a b");
  EXPECT_EQ(Pattern::expression(R"([!"#$%&'()*+,-./:;<=>?@\[\\\]^_`{|}~])").replace("[a]-b.c,d_e/\\^", ""),
            "abcde");
  EXPECT_EQ(Pattern::expression("[a-c]+").replace("abcdcb-", "x"), "xdx-");
  EXPECT_EQ(Pattern::expression("[-a]").replace("a-b", ""), "b");
}

TEST(Pattern, refuses_other_expressions) {
  for (const char* expression : {"", "a|b", "(a)", "[^a]", "[a", "a{2}", "a{0,}", "a{99999,}", "\\d", "a*",
                                 "[c-a]", "[a-\u4e00]", "a+b", "."}) {
    EXPECT_NE(
        error_message(ErrorKind::kModel, [&] { Pattern::expression(expression); }).find("which is not read"),
        std::string::npos)
        << expression;
  }
  EXPECT_EQ(error_message(ErrorKind::kModel, [] { Pattern::plain(""); }),
            "its normalizer has an empty pattern");
}

TEST(ByteTrie, finds_what_it_was_built_of) {
  const ByteTrieArrays arrays = build_byte_trie({{"a", 0}, {"ab", 3}, {"abc", 1}, {"b\xFF", 2}});
  const ByteTrie trie(arrays.labels, arrays.first_child, arrays.values, 4);
  EXPECT_EQ(trie.find("ab"), 3U);
  EXPECT_EQ(trie.find("b\xFF"), 2U);
  EXPECT_EQ(trie.find("b"), ByteTrie::kNone);
  EXPECT_EQ(trie.find("abcd"), ByteTrie::kNone);
  EXPECT_EQ(trie.longest_prefix("abd"), (std::pair<std::uint32_t, std::size_t>{3, 2}));
  EXPECT_EQ(trie.longest_prefix("x"), (std::pair<std::uint32_t, std::size_t>{ByteTrie::kNone, 0}));
  EXPECT_NE(error_message(ErrorKind::kModel,
                          [&] { ByteTrie(arrays.labels, arrays.first_child, arrays.values, 3); }),
            "no error");
  std::vector<std::uint32_t> loop = arrays.first_child;
  loop[1] = 1;
  EXPECT_EQ(error_message(ErrorKind::kModel, [&] { ByteTrie(arrays.labels, loop, arrays.values, 4); }),
            "its table of pieces is damaged");
}

TEST(AddedTokens, are_found_from_left_to_right_the_longest_first) {
  const std::vector<AddedToken> tokens = {{7, 0}, {8, 0}, {9, kLeftStrip | kRightStrip}};
  const ByteTrieArrays arrays = build_byte_trie({{"<a>", 0}, {"<a>b", 1}, {"<m>", 2}});
  const ByteTrie trie(arrays.labels, arrays.first_child, arrays.values, 3);
  const auto show = [&](std::string_view text) {
    std::string shown;
    for (const TextPart& part : split_at_added_tokens(text, trie, tokens))
      shown += part.token_id ? std::to_string(*part.token_id) + "|" : std::string(part.text) + "|";
    return shown;
  };
  EXPECT_EQ(show("x<a>y"), "x|7|y|");
  EXPECT_EQ(show("<a>b<a>"), "8|7|");
  EXPECT_EQ(show("x \u3000<m> y<m>"), "x|9|y|9|");
  EXPECT_EQ(show("<a> <m>"), "7|9|");
  EXPECT_EQ(show(""), "");
}

TEST(GraphemeClusters, are_those_of_uax_29) {
  EXPECT_EQ(cluster_length(U"ab"), 1U);
  EXPECT_EQ(cluster_length(U"a\u0301b"), 2U);
  EXPECT_EQ(cluster_length(U"\r\nb"), 2U);
  EXPECT_EQ(cluster_length(U"\u1100\u1161\u11A8\u1100"), 3U);
  EXPECT_EQ(cluster_length(U"\u00a9\u200d\u00aeb"), 3U);
}

}  // namespace
}  // namespace clipcls
