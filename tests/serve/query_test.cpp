#include "serve/query.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace clipcls {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(QueryTest, GivesFieldsInOrder) {
  EXPECT_EQ(parse_query("label=hot+dog&label=cr%C3%a8me&&top_k=3"),
            (Fields{{"label", "hot dog"}, {"label", "cr\xC3\xA8me"}, {"top_k", "3"}}));
  EXPECT_EQ(parse_query("a&b=&c=d=e"), (Fields{{"a", ""}, {"b", ""}, {"c", "d=e"}}));
  EXPECT_EQ(parse_query(""), Fields{});
}

TEST(QueryTest, RefusesHalfAnEscape) {
  for (const char* query : {"a=%", "a=%2", "a=%2&b", "a=%xy", "a=%-1", "%=1"})
    expect_error(ErrorKind::kInvalidArgument, "hexadecimal", [&] { parse_query(query); });
}

}  // namespace
}  // namespace clipcls
