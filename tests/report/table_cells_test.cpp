#include "report/table_cells.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

using Cells = std::vector<std::string>;

std::string without_end(std::string record) {
  while (record.ends_with('\n') || record.ends_with('\r')) record.pop_back();
  return record;
}

TEST(TableCells, CsvQuotesWhatItMust) {
  EXPECT_EQ(
      write_record({"a b", "", "x,y", "say \"hi\"", "two\nlines", "c\rr", "\xFF\x1B"}, ReportFormat::kCsv),
      "a b,,\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\",\"c\rr\",\xFF\x1B\r\n");
}

TEST(TableCells, TsvIsOneLineOfPrintableText) {
  EXPECT_EQ(write_record({"a,b", "", "t\tn\nr\rb\\", "\x1B\x7F\xC2\x9B", "\xFF\xC3\xA9", "\xE7\x8A"},
                         ReportFormat::kTsv),
            "a,b\t\tt\\tn\\nr\\rb\\\\\t\\x1B\\x7F\\xC2\\x9B\t\\xFF\xC3\xA9\t\\xE7\\x8A\n");
}

TEST(TableCells, WhatWasWrittenReadsBack) {
  std::string every_byte;
  for (int byte = 1; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const Cells cells = {"", every_byte, "\"", "\\", "\\x41", ",", "\t", "\xE7\x8A\xAC", ""};
  for (const ReportFormat format : {ReportFormat::kCsv, ReportFormat::kTsv})
    EXPECT_EQ(read_record(without_end(write_record(cells, format)), format), cells);
}

TEST(TableCells, RefusesWhatIsTorn) {
  EXPECT_FALSE(read_record("a,\"b", ReportFormat::kCsv));
  for (const char* record : {"a\\", "a\\x", "a\\x4", "a\\xZZ", "a\\q"})
    EXPECT_FALSE(read_record(record, ReportFormat::kTsv)) << record;
}

TEST(TableCells, FormulasAreTextAndComeBack) {
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1"}) {
    EXPECT_EQ(escape_formula(formula), std::string("'") + formula);
    EXPECT_EQ(unescape_formula(escape_formula(formula)), formula);
  }
  for (const char* text : {"", "shark", "a=b", "1", "./-x"}) {
    EXPECT_EQ(escape_formula(text), text);
    EXPECT_EQ(unescape_formula(text), text);
  }
}

}  // namespace
}  // namespace clipcls
