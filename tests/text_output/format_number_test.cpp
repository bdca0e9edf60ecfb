#include "text_output/format_number.h"

#include <gtest/gtest.h>

#include <cmath>

namespace clipcls {
namespace {

TEST(FormatNumber, AShareIsAPercentage) {
  EXPECT_EQ(percentage(0.57624), "57.62%");
  EXPECT_EQ(percentage(1), "100.00%");
  EXPECT_EQ(percentage(0), "0.00%");
  EXPECT_EQ(percentage(1e-9), "0.00%");
  EXPECT_EQ(cosine_digits(-0.12345), "-0.1235");  // its double lies below
}

TEST(FormatNumber, AZeroHasNoMinusSign) {
  EXPECT_EQ(cosine_digits(-0.00001), "0.0000");
  EXPECT_EQ(percentage(-1e-9), "0.00%");
  EXPECT_EQ(fixed_digits(-0.04, 1), "0.0");
  EXPECT_EQ(fixed_digits(-0.06, 1), "-0.1");
  EXPECT_EQ(signed_digits(-0.004, 2), "+0.00");
  EXPECT_EQ(signed_digits(1.2, 2), "+1.20");
  EXPECT_EQ(signed_digits(-1.2, 2), "-1.20");
}

TEST(ResultNumber, HasAtMostSixDigitsAndSixDecimalsButFourDigits) {
  const auto text = [](double value) { return shortest_digits(result_number(value)); };
  EXPECT_EQ(text(0.6902472612227076), "0.690247");
  EXPECT_EQ(text(0.46166205F), "0.461662");
  EXPECT_EQ(text(0.01234567), "0.012346");
  EXPECT_EQ(text(0.00012345), "0.0001234");  // its double lies below
  EXPECT_EQ(text(1.23456789e-9), "1.235e-09");
  EXPECT_EQ(text(12.3456789), "12.3457");
  EXPECT_EQ(text(1), "1");
  EXPECT_EQ(text(0.99999999), "1");
  EXPECT_EQ(text(0.2F), "0.2");
  EXPECT_EQ(text(-0.123456789), "-0.123457");
}

TEST(ResultNumber, ACosineHasSixDecimals) {
  EXPECT_EQ(result_cosine(0.46166205F), 0.461662);
  EXPECT_EQ(result_cosine(-0.000123456), -0.000123);
  EXPECT_EQ(result_cosine(1), 1);
  EXPECT_FALSE(std::signbit(result_cosine(-1e-9)));
}

TEST(ResultNumber, AZeroHasNoMinusSignAndWhatIsNoNumberStaysSo) {
  EXPECT_FALSE(std::signbit(result_number(-0.0)));
  EXPECT_EQ(result_number(0), 0);
  EXPECT_TRUE(std::isnan(result_number(std::nan(""))));
  EXPECT_TRUE(std::isinf(result_number(HUGE_VAL)));
}

TEST(FormatNumber, TheShortestDigitsReadBack) {
  EXPECT_EQ(shortest_digits(0.2F), "0.2");
  EXPECT_EQ(shortest_digits(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(shortest_digits(1.0), "1");
  EXPECT_EQ(shortest_digits(1e-4), "1e-04");
  EXPECT_EQ(shortest_digits(1e15), "1e+15");
}

TEST(FormatBytes, HasThreeDigitsInDecimalUnits) {
  EXPECT_EQ(format_bytes(0), "0 bytes");
  EXPECT_EQ(format_bytes(999), "999 bytes");
  EXPECT_EQ(format_bytes(1000), "1.00 kB");
  EXPECT_EQ(format_bytes(9994), "9.99 kB");
  EXPECT_EQ(format_bytes(9996), "10.0 kB");
  EXPECT_EQ(format_bytes(99'940), "99.9 kB");
  EXPECT_EQ(format_bytes(99'960), "100 kB");
  EXPECT_EQ(format_bytes(999'499), "999 kB");
  EXPECT_EQ(format_bytes(999'500), "1.00 MB");
  EXPECT_EQ(format_bytes(338'000'000), "338 MB");
  EXPECT_EQ(format_bytes(1'710'000'000), "1.71 GB");
  EXPECT_EQ(format_bytes(5'000'000'000'000'000), "5000 TB");
}

}  // namespace
}  // namespace clipcls
