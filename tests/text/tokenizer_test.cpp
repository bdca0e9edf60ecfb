#include "text/tokenizer.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/content_hash.h"
#include "clipcls/error.h"
#include "text/utf8.h"

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

/// Of the ids of every character of the first planes between letters and digits, and of some texts with what
/// the cleaning looks for.
std::string checksum_of_ids() {
  ContentHash hash;
  const auto add = [&](std::string_view text) {
    for (const std::size_t context_length : {0U, 8U}) {
      const TokenizedPrompt prompt = clip_tokenizer().tokenize(text, context_length);
      hash.add_number(prompt.token_ids.size());
      for (const std::int64_t id : prompt.token_ids) hash.add_number(static_cast<std::uint64_t>(id));
      hash.add_number(prompt.is_truncated ? 1 : 0);
    }
  };
  constexpr char32_t kEnd = 0x30000;
  constexpr char32_t kStep = 16;
  for (char32_t first = 0; first < kEnd; first += kStep) {
    if (first >= 0xD800 && first < 0xE000) continue;  // surrogates are no characters
    std::string text;
    for (char32_t c = first; c < first + kStep; ++c) {
      append_utf8(c, text);
      text += "ab";
      append_utf8(c, text);
      text += "7 ";
    }
    add(text);
  }
  for (const std::string_view text :
       {""sv, "A photo of a DOLPHIN."sv, "it's we'll I'VE they'd"sv, "&lt;b&gt; &amp;amp;eacute; &#x41;"sv,
        "\xFF\xFE\xE2\x82"sv, "<|startoftext|>x<|endoftext|> <start_of_text>"sv,
        "e\u0301 \u1100\u1161 \u03A3 \uFB01"sv, "\u201Cquoted\u201D \u2026"sv, " \t\r\n \u00A0 \u3000 "sv,
        "1234567890 3.14 1e-5"sv, "!!!???...---"sv, "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x9A\x80"sv})
    add(text);
  return hash.hex_digest();
}

/// Embeddings of labels are kept under a key that has the version. This fails when some text gets other ids:
/// raise Tokenizer::kVersion and add a line here. Never change a line: the ids of that version are in use.
TEST(Tokenizer, has_a_version_that_changes_with_the_ids) {
  struct Pinned {
    std::uint64_t version;
    const char* ids;  // checksum
  };
  // That of open_clip's own tokenizer.
  constexpr Pinned kPinned[] = {
      {1, "c9bcf92f12db90bc5f2d179392b4cdca"},
  };
  EXPECT_EQ(Tokenizer::kVersion, std::end(kPinned)[-1].version);
  EXPECT_EQ(checksum_of_ids(), std::end(kPinned)[-1].ids);
  for (std::size_t i = 0; i < std::size(kPinned); ++i) EXPECT_EQ(kPinned[i].version, i + 1);
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
