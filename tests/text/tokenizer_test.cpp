#include "clipcls/text/tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "clipcls/error.h"

namespace clipcls {
namespace {

using std::string_view_literals::operator""sv;
using Ids = std::vector<std::int64_t>;

const Tokenizer& clip_tokenizer() {
  static const Tokenizer tokenizer;
  return tokenizer;
}

Ids ids_of(std::string_view text) { return clip_tokenizer().tokenize(text).token_ids; }

TEST(Tokenizer, has_clips_vocabulary) {
  EXPECT_EQ(clip_tokenizer().vocab_size(), 49408);
  EXPECT_EQ(clip_tokenizer().sot_token_id(), 49406);
  EXPECT_EQ(clip_tokenizer().eot_token_id(), 49407);
}

TEST(Tokenizer, gives_clips_ids) {
  EXPECT_EQ(ids_of("a photo of a dolphin."), (Ids{49406, 320, 1125, 539, 320, 16464, 269, 49407}));
  EXPECT_EQ(ids_of(""), (Ids{49406, 49407}));
  EXPECT_EQ(ids_of(" \n\0"sv), (Ids{49406, 49407}));
  EXPECT_EQ(ids_of("DOLPHIN"), ids_of("dolphin"));
}

TEST(Tokenizer, reads_special_tokens_in_the_text) {
  EXPECT_EQ(ids_of("<start_of_text><END_OF_TEXT>"), (Ids{49406, 49406, 49407, 49407}));
}

TEST(Tokenizer, reads_invalid_utf8_as_replacement_characters) {
  EXPECT_EQ(ids_of("a\xFF"), ids_of("a\uFFFD"));
  EXPECT_EQ(ids_of("\xED\xA0\xBD"), ids_of("\uFFFD\uFFFD\uFFFD"));
}

TEST(Tokenizer, cuts_the_tail_and_keeps_the_end_token) {
  const std::string text = "a photo of a dolphin.";  // 8 ids
  EXPECT_FALSE(clip_tokenizer().tokenize(text, 8).is_truncated);
  EXPECT_EQ(clip_tokenizer().tokenize(text, 8).token_ids, ids_of(text));
  EXPECT_TRUE(clip_tokenizer().tokenize(text, 7).is_truncated);
  EXPECT_EQ(clip_tokenizer().tokenize(text, 7).token_ids, (Ids{49406, 320, 1125, 539, 320, 16464, 49407}));
  EXPECT_EQ(clip_tokenizer().tokenize(text, 2).token_ids, (Ids{49406, 49407}));
  EXPECT_FALSE(clip_tokenizer().tokenize("", 2).is_truncated);
}

TEST(Tokenizer, cuts_inside_a_word) {
  const std::string word(200, 'q');
  EXPECT_EQ(clip_tokenizer().tokenize(word, 77).token_ids.size(), 77U);
  EXPECT_EQ(clip_tokenizer().tokenize(word, 77).token_ids.back(), 49407);
}

TEST(Tokenizer, refuses_a_context_length_of_1) {
  try {
    clip_tokenizer().tokenize("a", 1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "context_length is 1; it must be at least 2, or 0 for no limit");
  }
}

TEST(Tokenizer, takes_merges_of_its_own) {
  const Tokenizer tokenizer("#version: 0.2\na b\nab c</w>\n");
  EXPECT_EQ(tokenizer.vocab_size(), 516);
  EXPECT_EQ(tokenizer.tokenize("ABC ab <end_of_text>").token_ids, (Ids{514, 513, 64, 321, 515, 515}));
}

TEST(Tokenizer, names_the_line_of_a_bad_merge) { EXPECT_THROW(Tokenizer("#version\nno_pair\n"), Error); }

TEST(Tokenizer, can_be_moved) {
  Tokenizer tokenizer("#version\na b\n");
  Tokenizer other = std::move(tokenizer);
  EXPECT_EQ(other.vocab_size(), 515);
}

TEST(Tokenizer, reads_a_label_of_a_megabyte) {
  std::string text;
  while (text.size() < 1'000'000) text += "dolphin\xC3\xA9&amp;'s 12 <";
  EXPECT_GT(ids_of(text).size(), 100'000U);
  EXPECT_EQ(clip_tokenizer().tokenize(text, 77).token_ids.size(), 77U);
}

TEST(Tokenizer, serves_several_threads) {
  const Ids expected = ids_of("\u1100\u1161 \u03A3 naïve dolphin");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) EXPECT_EQ(ids_of("\u1100\u1161 \u03A3 naïve dolphin"), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace clipcls
