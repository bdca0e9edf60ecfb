#include "evaluation/statistics/paired_comparison.h"

#include <gtest/gtest.h>

#include <vector>

namespace clipcls {
namespace {

using Flags = std::vector<std::uint8_t>;

TEST(ComparePaired, EqualClassifiersDoNotDiffer) {
  const Flags flags = {1, 0, 1, 1};
  const PairedComparison comparison = compare_paired(flags, flags, 0);
  EXPECT_EQ(comparison.difference, 0);
  EXPECT_EQ(comparison.interval.low, 0);
  EXPECT_EQ(comparison.interval.high, 0);
  EXPECT_EQ(comparison.p_value, 1);
}

TEST(ComparePaired, CountsWhatOnlyOneGetsRight) {
  Flags first(100, 0);
  Flags second(100, 0);
  for (std::size_t i = 0; i < 10; ++i) second[i] = 1;
  first[99] = 1;
  const PairedComparison comparison = compare_paired(first, second, 3);
  EXPECT_DOUBLE_EQ(comparison.difference, 0.09);
  EXPECT_EQ(comparison.num_only_first, 1U);
  EXPECT_EQ(comparison.num_only_second, 10U);
  EXPECT_NEAR(comparison.p_value, 2 * 12 / 2048.0, 1e-12);  // 1 or fewer of 11
  EXPECT_NEAR(comparison.interval.low, 0.03, 0.0101);
  EXPECT_NEAR(comparison.interval.high, 0.16, 0.0101);
}

TEST(ComparePaired, ASeedGivesOneIntervalEverywhere) {
  Flags first(37, 0);
  Flags second(37, 0);
  for (std::size_t i = 0; i < 37; i += 3) second[i] = 1;
  for (std::size_t i = 0; i < 37; i += 5) first[i] = 1;
  // By a Python program with its own Mersenne Twister (whose 10,000th number is the one of the C++ standard).
  const PairedComparison one = compare_paired(first, second, 1);
  EXPECT_DOUBLE_EQ(one.interval.low, -2 / 37.0);
  EXPECT_DOUBLE_EQ(one.interval.high, 13 / 37.0);
  EXPECT_DOUBLE_EQ(one.difference, 5 / 37.0);
  EXPECT_NEAR(one.p_value, 309 / 1024.0, 1e-12);
  const PairedComparison other = compare_paired(first, second, 2);
  EXPECT_DOUBLE_EQ(other.interval.low, -3 / 37.0);
  EXPECT_DOUBLE_EQ(other.interval.high, 12 / 37.0);
  const PairedComparison large = compare_paired(first, second, (std::uint64_t{1} << 63U) + 11);
  EXPECT_DOUBLE_EQ(large.interval.low, -2 / 37.0);
  EXPECT_DOUBLE_EQ(large.interval.high, 13 / 37.0);
}

}  // namespace
}  // namespace clipcls
