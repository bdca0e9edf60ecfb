#include "json/write_json.h"

#include <gtest/gtest.h>

#include <random>

#include "text_output/format_number.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

TEST(WriteJson, NumbersHaveNoMoreDigitsThanTheyTake) {
  EXPECT_EQ(write_json(ordered_json(0.065199)), "0.065199");  // the library: 0.06519899999999999
  EXPECT_EQ(write_json(ordered_json(0.1 + 0.2)), "0.30000000000000004");
  EXPECT_EQ(write_json(ordered_json(1.0)), "1.0");
  EXPECT_EQ(write_json(ordered_json(1e-5)), "1e-05");
  EXPECT_EQ(write_json(ordered_json(HUGE_VAL)), "null");
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> numbers(0, 1);
  for (int i = 0; i < 10000; ++i) {
    const double number = result_number(numbers(generator));
    const std::string text = write_json(ordered_json(number));
    EXPECT_LE(text.size(), 9U) << text;
    EXPECT_EQ(std::stod(text), number);
  }
}

TEST(WriteJson, LooksAsTheLibraryWritesIt) {
  const ordered_json value = {{"a", {1, -2, 3.5}},
                              {"b\n", nullptr},
                              {"c", ordered_json::object()},
                              {"d", true},
                              {"e", {{"f", "g\"h\xC3\xA9"}}},
                              {"i", ordered_json::array()}};
  for (const int indent : {-1, 0, 1, 2}) EXPECT_EQ(write_json(value, indent), value.dump(indent));
  EXPECT_EQ(write_json(ordered_json("a\xFF")), "\"a\uFFFD\"");
}

}  // namespace
}  // namespace clipcls
