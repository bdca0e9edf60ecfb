#include "cli/flags/colour.h"

#include "support/expect_error.h"

namespace clipcls {
namespace {

using Rgb = std::array<std::uint8_t, 3>;

TEST(Colour, IsAWordOrHexadecimalDigits) {
  EXPECT_EQ(parse_colour("white"), (Rgb{255, 255, 255}));
  EXPECT_EQ(parse_colour("black"), (Rgb{0, 0, 0}));
  EXPECT_EQ(parse_colour("grey"), parse_colour("gray"));
  EXPECT_EQ(parse_colour("#1a2B3c"), (Rgb{0x1A, 0x2B, 0x3C}));
  EXPECT_EQ(parse_colour("#fa0"), parse_colour("#ffaa00"));
}

TEST(Colour, IsNothingElse) {
  for (const char* text : {"", "White", "#", "#12", "#1234", "#12345", "#1234567", "#12345g", "123456",
                           "#-12345", "# 12345", "#0x123"}) {
    expect_error(ErrorKind::kUsage, "--background " + std::string(text) + ": ", [&] { parse_colour(text); });
  }
}

TEST(Colour, IsWrittenAsItIsRead) {
  EXPECT_EQ(colour_text(std::nullopt), "");
  for (const char* text : {"#000000", "#ffffff", "#0a1b2c"}) EXPECT_EQ(colour_text(parse_colour(text)), text);
}

}  // namespace
}  // namespace clipcls
