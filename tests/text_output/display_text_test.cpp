#include "text_output/display_text.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0);
  EXPECT_EQ(display_width("shark"), 5);
  EXPECT_EQ(display_width("Übergröße"), 9);
  EXPECT_EQ(display_width("e\xCC\x81"), 1);  // e and a combining acute accent
  EXPECT_EQ(display_width("犬と猫"), 6);
  EXPECT_EQ(display_width("ｶﾞ"), 2);  // half-width katakana
  EXPECT_EQ(display_width("🦈"), 2);
}

TEST(Printable, ShowsWhatWouldSteerTheTerminal) {
  EXPECT_EQ(printable("a b"), "a b");
  EXPECT_EQ(printable("red\x1B[31m\n\x7F"), "red\\x1B[31m\\x0A\\x7F");
  EXPECT_EQ(printable("C1 \xC2\x9B"
                      "31m"),
            "C1 \\x9B31m");
  EXPECT_EQ(printable("\xFF.png"), "\xEF\xBF\xBD.png");
  EXPECT_EQ(printable("猫🦈"), "猫🦈");
}

}  // namespace
}  // namespace clipcls
