#include "text/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace clipcls {
namespace {

using std::string_view_literals::operator""sv;

TEST(Utf8, decodes_all_lengths) {
  EXPECT_EQ(decode_utf8("a\u00e9\u20ac\U0001F42C\U0010FFFF"), U"a\u00e9\u20ac\U0001F42C\U0010FFFF");
}

TEST(Utf8, keeps_nul) { EXPECT_EQ(decode_utf8("a\0b"sv), U"a\0b"sv); }

// The expectations are those of Python's bytes.decode("utf-8", errors="replace").
TEST(Utf8, replaces_each_ill_formed_part_once) {
  EXPECT_EQ(decode_utf8("\x80"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xC0\x80"), U"\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xC3"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xC3(x"), U"\uFFFD(x");
  EXPECT_EQ(decode_utf8("\xE2\x82"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xE2\x82z"), U"\uFFFDz");
  EXPECT_EQ(decode_utf8("\xE0\x80\xAF"), U"\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xF0\x9F\x90"), U"\uFFFD");
  EXPECT_EQ(decode_utf8("\xF0\x80\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xF4\x90\x80\x80"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(decode_utf8("\xFF\xFE"), U"\uFFFD\uFFFD");
}

TEST(Utf8, replaces_encoded_surrogates) {
  EXPECT_EQ(decode_utf8("\xED\xA0\xBD\xED\xB8\x80"), std::u32string(6, U'\uFFFD'));
}

TEST(Utf8, every_code_point_survives_a_round_trip) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string bytes;
    append_utf8(c, bytes);
    ASSERT_EQ(decode_utf8(bytes), std::u32string(1, c)) << "U+" << std::hex << static_cast<unsigned>(c);
  }
}

}  // namespace
}  // namespace clipcls
