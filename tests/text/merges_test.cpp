#include "text/merges.h"

#include <gtest/gtest.h>

#include <string>

#include "clipcls/error.h"
#include "text/clip_merges.h"

namespace clipcls {
namespace {

std::string error_of(std::string_view merges_text) {
  try {
    parse_merges(merges_text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kModel);
    return error.what();
  }
  return "no error";
}

TEST(ByteSymbols, follow_the_reference) {
  EXPECT_EQ(byte_symbol('!'), "!");
  EXPECT_EQ(byte_symbol(0x00), "\u0100");
  EXPECT_EQ(byte_symbol(' '), "\u0120");
  EXPECT_EQ(byte_symbol(0xAD), "\u0143");
  EXPECT_EQ(byte_symbol(0xE9), "\u00E9");
  EXPECT_EQ(byte_token_ids()['!'], 0U);
  EXPECT_EQ(byte_token_ids()[0xFF], 187U);
  EXPECT_EQ(byte_token_ids()[0x00], 188U);
  EXPECT_EQ(byte_token_ids()[0xAD], 255U);
}

TEST(ParseMerges, reads_pairs_in_order) {
  const std::vector<Merge> merges = parse_merges("#version: 0.2\na b\nab c</w>\r\n\n");
  ASSERT_EQ(merges.size(), 2U);
  EXPECT_EQ(merges[0].left, byte_token_ids()['a']);
  EXPECT_EQ(merges[0].right, byte_token_ids()['b']);
  EXPECT_EQ(merges[1].left, kNumByteSymbols);
  EXPECT_EQ(merges[1].right, kNumBytes + byte_token_ids()['c']);
  EXPECT_TRUE(parse_merges("#version: 0.2").empty());
}

TEST(ParseMerges, reads_clips_own) { EXPECT_EQ(parse_merges(clip_merges_text()).size(), 48'894U); }

TEST(ParseMerges, names_the_line_of_an_error) {
  EXPECT_EQ(error_of("a b\n"),
            "merges file, line 1: \"a b\" is not a version line; a merges file starts with one such as "
            "\"#version: 0.2\"");
  EXPECT_EQ(error_of("#version\na b\nabc\n"),
            "merges file, line 3: \"abc\" is not a pair; expected two symbols and one space between them");
  EXPECT_EQ(error_of("#version\na b c\n"),
            "merges file, line 2: \"a b c\" is not a pair; expected two symbols and one space between them");
  EXPECT_EQ(error_of("#version\na b\n\na c\n"),
            "merges file, line 3: \"\" is not a pair; expected two symbols and one space between them");
  EXPECT_EQ(error_of("#version\na bc\nb c\n"),
            "merges file, line 2: \"a bc\" uses \"bc\", which is neither a byte nor built by a line above; "
            "the lines must be in their order");
  EXPECT_EQ(error_of("#version\na b</w>\nab</w> c\n"),
            "merges file, line 3: \"ab</w> c\" continues after the end of a word; </w> may only end the "
            "right part");
  EXPECT_EQ(error_of("#version\na b\nb c\nab c\na bc\n"),
            "merges file, line 5: \"a bc\" builds \"abc\" once more; each symbol is built by one line");
}

TEST(ParseMerges, quotes_no_more_than_the_start_of_a_long_line) {
  const std::string message = error_of("#version\n" + std::string(100'000, 'x'));
  EXPECT_LT(message.size(), 200U);
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace clipcls
