#include <gtest/gtest.h>

#include "cli/terminal/terminal_line.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

TEST(FormatDuration, IsMinutesOrHours) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(59.9), "0:59");
  EXPECT_EQ(format_duration(65), "1:05");
  EXPECT_EQ(format_duration(3599), "59:59");
  EXPECT_EQ(format_duration(3600), "1:00:00");
  EXPECT_EQ(format_duration(7209), "2:00:09");
}

TEST(FormatDuration, EndsAtAHundredHours) {
  EXPECT_EQ(format_duration(1e9), "99:59:59");
  EXPECT_EQ(format_duration(1e300), "99:59:59");
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
