#include "text/clean_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "text/unicode.h"

namespace clipcls {
namespace {

TEST(CollapseWhitespace, follows_python) {
  EXPECT_EQ(collapse_whitespace(U""), U"");
  EXPECT_EQ(collapse_whitespace(U" \t\n"), U"");
  EXPECT_EQ(collapse_whitespace(U"  a \u00A0\u3000\x1c\x1d\x1e\x1f\x85 b\n"), U"a b");
  EXPECT_EQ(collapse_whitespace(U"a\u200Bb\u180Ec"), U"a\u200Bb\u180Ec");  // zero width, so none
}

TEST(ToLower, maps_letters) {
  EXPECT_EQ(to_lower(U"AZ\u00C9\u0416\u1E9E\u01C5\U00010400"), U"az\u00E9\u0436\u00DF\u01C6\U00010428");
  EXPECT_EQ(to_lower(U"\u212A\u2126"), U"k\u03C9");
  EXPECT_EQ(to_lower(U"\u0130"), U"i\u0307");
}

TEST(ToLower, ends_words_with_a_final_sigma) {
  EXPECT_EQ(to_lower(U"\u0391\u03A3"), U"\u03B1\u03C2");
  EXPECT_EQ(to_lower(U"\u03A3"), U"\u03C3");
  EXPECT_EQ(to_lower(U"\u0391\u03A3\u0391"), U"\u03B1\u03C3\u03B1");
  EXPECT_EQ(to_lower(U"\u0391'\u03A3'"), U"\u03B1'\u03C2'");  // the apostrophe is case-ignorable
  EXPECT_EQ(to_lower(U"\u0391\u03A3'\u0391"), U"\u03B1\u03C3'\u03B1");
  EXPECT_EQ(to_lower(U"\u0391-\u03A3"), U"\u03B1-\u03C3");
}

TEST(ToLower, leaves_letters_younger_than_unicode_14) {
  EXPECT_EQ(to_lower(U"\uA7DC\U00010D50"), U"\uA7DC\U00010D50");
}

TEST(CleanText, applies_the_steps_in_order) {
  EXPECT_EQ(clean_text(U"  A&nbsp;B&amp;amp;amp;C  "), U"a b&c");
  EXPECT_EQ(clean_text(U"<B>&amp;lt;P"), U"<b><p");  // no repair of entities, but two unescapes
  EXPECT_EQ(clean_text(U"&Eacute;COLE"), U"\u00E9cole");
}

}  // namespace
}  // namespace clipcls
