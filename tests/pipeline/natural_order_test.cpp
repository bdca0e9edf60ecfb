#include "pipeline/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace clipcls {
namespace {

TEST(NaturalOrder, SortsAsPeopleCount) {
  const std::vector<std::string> sorted = {"",
                                           "1.jpg",
                                           "02.jpg",
                                           "2.jpg",
                                           "10.jpg",
                                           "IMG_9.jpg",
                                           "IMG_10.jpg",
                                           "IMG_10_2.jpg",
                                           "IMG_10_11.jpg",
                                           "a",
                                           "a0",
                                           "a00",
                                           "a1",
                                           "a1b",
                                           "a1b2",
                                           "a2",
                                           "a18446744073709551616",
                                           "a18446744073709551617",
                                           "aa",
                                           "b\xC3\xA9",
                                           "b\xFF"};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) {
      EXPECT_EQ(is_naturally_before(sorted[i], sorted[j]), i < j) << sorted[i] << " and " << sorted[j];
    }
  }
}

TEST(NaturalOrder, IsTheSameWhateverTheOrderBefore) {
  std::vector<std::string> names = {"x01y2", "x1y2", "x1y10", "x001y1", "x1y", "x1", "x"};
  std::ranges::sort(names);
  const std::vector<std::string> expected = {"x", "x1", "x1y", "x001y1", "x01y2", "x1y2", "x1y10"};
  do {
    std::vector<std::string> sorted = names;
    std::ranges::sort(sorted, is_naturally_before);
    ASSERT_EQ(sorted, expected);
  } while (std::ranges::next_permutation(names).found);
}

}  // namespace
}  // namespace clipcls
