#include "text/fix_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace clipcls {
namespace {

using std::string_view_literals::operator""sv;

TEST(FixText, replaces_single_characters) {
  EXPECT_EQ(fix_text(U"\u0085\u0096\u0081"), U"\u2026\u2013\u0081");                     // C1 controls
  EXPECT_EQ(fix_text(U"\uFB02ubberi\uFB01c \u01C4 \u0149"), U"flubberific D\u017D 'n");  // ligatures
  EXPECT_EQ(fix_text(U"\uFF2C\uFF2F\uFF35\uFF24\u3000\uFF11"), U"LOUD 1");               // full width
  EXPECT_EQ(fix_text(U"\uFF76\uFF9E"), U"\u30AC");                 // half width, then NFC
  EXPECT_EQ(fix_text(U"\u201Chere\u2019s\u201D"), U"\"here's\"");  // quotes
}

TEST(FixText, makes_all_line_breaks_alike) {
  EXPECT_EQ(fix_text(U"a\r\nb\rc\u2028d\u2029e"), U"a\nb\nc\nd\ne");
}

TEST(FixText, removes_terminal_escapes) {
  EXPECT_EQ(fix_text(U"\x1b[36;44mblue\x1b[0m"), U"blue");
  EXPECT_EQ(fix_text(U"\x1b[\u0663mx"), U"x");  // digits of any script, as Python's \d has it
  EXPECT_EQ(fix_text(U"\x1b[1\u00E9"), U"[1\u00E9");
}

TEST(FixText, removes_control_characters) {
  EXPECT_EQ(fix_text(U"a\0b\x0b\x1f\x7f\u206A\uFEFF\uFFFCz"sv), U"abz");
  EXPECT_EQ(fix_text(U"a\t\f\u200D\u200E"), U"a\t\f\u200D\u200E");
}

TEST(FixText, composes) {
  EXPECT_EQ(fix_text(U"e\u0301 \u212B a\u0301\u0323"), U"\u00E9 \u00C5 \u1EA1\u0301");
}

TEST(FixText, does_not_compose_characters_younger_than_unicode_14) {
  // U+1E4EC has a combining class since Unicode 15, by which it would change places with U+0323.
  EXPECT_EQ(fix_text(U"a\U0001E4EC\u0323"), U"a\U0001E4EC\u0323");
}

TEST(FixText, repeats_until_nothing_changes) {
  EXPECT_EQ(fix_text(U"&amp;amp;lt;"), U"<");
  EXPECT_EQ(fix_text(U"&am\0p;"sv), U"&");
  EXPECT_EQ(fix_text(U"\x1b[\x1b[1mm"), U"[m");
}

TEST(FixText, keeps_entities_from_the_line_with_a_less_than_sign_on) {
  EXPECT_EQ(fix_text(U"&eacute;\n<b>&eacute;\n&eacute;"), U"\u00E9\n<b>&eacute;\n&eacute;");
}

TEST(FixText, cuts_segments_at_a_million_characters) {
  const std::u32string half(999'999, U'x');
  EXPECT_EQ(fix_text(half + U"e\u0301"), half + U"e\u0301");
  EXPECT_EQ(fix_text(half + U"xe\u0301"), half + U"x\u00E9");
}

TEST(FixText, gives_up_on_entities_nested_beyond_a_hundred_layers) {
  std::u32string text = U"&";
  for (int i = 0; i < 1'000; ++i) text += U"amp;";
  EXPECT_EQ(fix_text(text).size(), text.size() - 400);
}

}  // namespace
}  // namespace clipcls
