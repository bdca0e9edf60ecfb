#include "text_output/terminal_text.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "text_output/display_text.h"

namespace clipcls {
namespace {

TEST(TerminalText, ABarIsDrawnInEighths) {
  EXPECT_EQ(bar(1, 3, true), "███");
  EXPECT_EQ(bar(0.5, 3, true), "█▌");
  EXPECT_EQ(bar(0.0001, 3, true), "▏");
  EXPECT_EQ(bar(0, 3, true), "");
  EXPECT_EQ(bar(-0.5, 3, true), "");  // a cosine
  EXPECT_EQ(bar(2, 3, true), "███");
  for (const double share : {0.01, 0.3, 0.77, 1.0}) EXPECT_LE(display_width(bar(share, 30, true)), 30);
}

TEST(TerminalText, ABarIsMadeOfSignsWhereTheTerminalIsNotOfUtf8) {
  EXPECT_EQ(bar(0.5, 10, false), "#####");
  EXPECT_EQ(bar(0.001, 10, false), "#");
  EXPECT_EQ(bar(0, 10, false), "");
}

TEST(TerminalText, IsShortenedByColumnsBetweenTwoCharacters) {
  EXPECT_EQ(shortened_to("shark", 5), "shark");
  EXPECT_EQ(shortened_to("sharks", 5), "shar…");
  EXPECT_EQ(shortened_to("犬犬犬", 5), "犬犬…");
  EXPECT_EQ(shortened_to("犬犬犬", 4), "犬…");
  EXPECT_EQ(shortened_to("犬犬犬", 6), "犬犬犬");
}

TEST(TerminalText, ALinkNamesTheMachineAndEscapesThePath) {
  EXPECT_EQ(linked("a b.png", "/photos/a b;.png", "box"),
            "\x1B]8;;file://box/photos/a%20b%3B.png\x1B\\a b.png\x1B]8;;\x1B\\");
  const std::string here = std::filesystem::current_path().string();
  EXPECT_NE(linked("x", "x/../y.png", "box").find("file://box" + here + "/y.png"), std::string::npos);
}

}  // namespace
}  // namespace clipcls
