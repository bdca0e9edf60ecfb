#include "json/json_depth.h"

#include <gtest/gtest.h>

#include <string>

namespace clipcls {
namespace {

TEST(JsonDepth, CountsOpenBracketsOutsideOfTexts) {
  EXPECT_FALSE(is_nested_too_deeply(""));
  EXPECT_FALSE(is_nested_too_deeply(std::string(64, '[') + std::string(64, ']')));
  EXPECT_TRUE(is_nested_too_deeply(std::string(65, '[') + std::string(65, ']')));
  EXPECT_TRUE(is_nested_too_deeply(std::string(1'000'000, '{')));
  EXPECT_FALSE(is_nested_too_deeply("[\"" + std::string(100, '[') + "\"]"));
  EXPECT_FALSE(is_nested_too_deeply("[\"\\\"" + std::string(100, '[') + "\"]"));
  EXPECT_TRUE(is_nested_too_deeply("[\"\\\\\"," + std::string(100, '[') + "\"]"));
  std::string long_list;
  for (int i = 0; i < 1000; ++i) long_list += "[{}],";
  EXPECT_FALSE(is_nested_too_deeply("[" + long_list + "1]"));
}

}  // namespace
}  // namespace clipcls
