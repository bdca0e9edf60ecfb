#include "text_output/text_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace clipcls {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string table(const Rows& rows, const std::vector<Alignment>& alignments = {}) {
  std::ostringstream output;
  write_text_table(output, rows, alignments);
  return output.str();
}

TEST(TextTable, AlignsByWhatIsSeen) {
  EXPECT_EQ(table({{"name", "size"}, {"a", "1"}}), "name  size\na     1\n");
  // A character of East Asia takes two columns, a combining accent none.
  EXPECT_EQ(table({{"\u7AAF", "1"}, {"abc", "2"}, {"e\u0301", "3"}}), "\u7AAF   1\nabc  2\ne\u0301    3\n");
}

TEST(TextTable, NumbersStandAtTheRight) {
  const std::vector<Alignment> alignments = {Alignment::kLeft, Alignment::kRight, Alignment::kLeft};
  EXPECT_EQ(table({{"a", "1", "x"}, {"bb", "10", ""}}, alignments), "a    1  x\nbb  10\n");
}

TEST(TextTable, ACellIsOneLine) { EXPECT_EQ(table({{"a\nb", "c"}, {"d", "e"}}), "a\\x0Ab  c\nd       e\n"); }

TEST(TextTable, RowsMayBeShorter) { EXPECT_EQ(table({{"a"}, {"b", "c", "d"}, {}}), "a\nb  c  d\n\n"); }

}  // namespace
}  // namespace clipcls
