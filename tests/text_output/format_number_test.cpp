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
