#include "files/csv.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Cells = std::vector<std::string>;

TEST(ReadCsvRow, QuotesHoldWhatWouldEndACell) {
  EXPECT_EQ(read_csv_row("a,\"b,c\",\"d\"\"e\",\"f\r\ng\","), (Cells{"a", "b,c", "d\"e", "f\r\ng", ""}));
  EXPECT_EQ(read_csv_row(""), Cells{""});
  EXPECT_EQ(read_csv_row("\"open"), std::nullopt);
  EXPECT_EQ(read_csv_row("\"a\"b"), std::nullopt);
  EXPECT_EQ(read_csv_row("a\nb"), std::nullopt);
}

TEST(ReadCsvRows, NamesTheLine) {
  const TemporaryFolder folder;
  const auto rows =
      read_csv_rows(folder.write("table.csv", "\xEF\xBB\xBFpath,label\r\n\r\n\"a\nb\",cat\nc,dog"));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].line, 3U);
  EXPECT_EQ(rows[1].cells, (Cells{"a\nb", "cat"}));
  EXPECT_EQ(rows[2].line, 5U);
  expect_error(ErrorKind::kUsage, "table.csv:2: has a quote that is not closed",
               [&] { read_csv_rows(folder.write("table.csv", "a\n\"b")); });
  expect_error(ErrorKind::kUsage, "table.csv:1: has text behind a closing quote",
               [&] { read_csv_rows(folder.write("table.csv", "\"a\"b\n")); });
}

}  // namespace
}  // namespace clipcls
