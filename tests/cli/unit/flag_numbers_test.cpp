#include "cli/flags/flag_numbers.h"

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(FlagNumbers, WholeNumbersHaveBounds) {
  EXPECT_EQ(parse_whole_number("--n", "1", 1, 10), 1U);
  EXPECT_EQ(parse_whole_number("--n", "10", 1, 10), 10U);
  for (const char* text :
       {"0", "11", "", "1.5", "-1", "+1", " 1", "1 ", "1e1", "0x1", "18446744073709551616"}) {
    expect_error(ErrorKind::kUsage, "--n " + std::string(text) + ": is not a whole number from 1 to 10",
                 [&] { parse_whole_number("-k,--n", text, 1, 10); });
  }
}

TEST(FlagNumbers, NumbersHaveBounds) {
  EXPECT_EQ(parse_number("--x", "-1", -1, 1), -1);
  EXPECT_EQ(parse_number("--x", "2.5e-1", -1, 1), 0.25);
  for (const char* text : {"1.01", "nan", "inf", "", "0,5", "0.5x", "+0.5", "1e999"}) {
    expect_error(ErrorKind::kUsage, "--x " + std::string(text) + ": is not a number from -1 to 1",
                 [&] { parse_number("--x", text, -1, 1); });
  }
}

TEST(FlagNumbers, AreWrittenSoThatTheyAreReadAgain) {
  EXPECT_EQ(number_text(0.5), "0.500000");
  EXPECT_EQ(number_text(0.1234567), "0.1234567");
  EXPECT_EQ(number_text(1e-9), "1e-09");
  EXPECT_EQ(bound_text(1e-6), "1e-06");
  EXPECT_EQ(bound_text(100000), "100000");
}

}  // namespace
}  // namespace clipcls
