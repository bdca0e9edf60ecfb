#include "cli/terminal/terminal_line.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace clipcls
