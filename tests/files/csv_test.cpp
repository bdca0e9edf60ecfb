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

TEST(Csv, CellsMayBeQuotedAndRowsEndInAnyWay) {
  const TemporaryFolder folder;
  const std::string file = folder.write("a.csv",
                                        "\xEF\xBB\xBF"
                                        "a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\nlast,\rz");
  const std::vector<CsvRow> rows = read_csv_rows(file);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(rows[1].cells, (Cells{"x, \"y\"", "two\nlines"}));
  EXPECT_EQ(rows[2].cells, (Cells{"last", ""}));
  EXPECT_EQ(rows[2].line, 5U);
  EXPECT_EQ(rows[3].cells, (Cells{"z"}));
}

TEST(Csv, ErrorsNameTheLine) {
  const TemporaryFolder folder;
  const auto fails = [&](const std::string& part, const std::string& text) {
    const std::string file = folder.write("b.csv", text);
    expect_error(ErrorKind::kInvalidArgument, file + part, [&] { read_csv_rows(file); });
  };
  fails(":2: has a quote that is not closed", "a\n\"b");
  fails(":2: has a quote that is not closed", "a\n\"b\nc\nd\n");
  fails(":1: has text behind a closing quote", "\"a\"b\n");
  fails(":2: holds a NUL byte", std::string("a\n\0", 3));
}

}  // namespace
}  // namespace clipcls
