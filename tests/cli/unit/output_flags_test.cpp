#include "cli/flags/output_flags.h"

#include "cli/flags/result_flags.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

ResultFlags to_file(const std::string& output) {
  ResultFlags flags;
  flags.output.output = output;
  return flags;
}

TEST(OutputFlags, AnEndingStandsForAFormat) {
  EXPECT_EQ(format_of_ending("rows.csv"), "csv");
  EXPECT_EQ(format_of_ending("rows.NDJSON"), "jsonl");
  EXPECT_EQ(format_of_ending("a.b/page.Htm"), "html");
  EXPECT_EQ(format_of_ending("notes.txt"), "text");
  for (const char* output : {"", "rows", "csv", ".csv", "rows.csv.gz", "a.csv/rows"})
    EXPECT_EQ(format_of_ending(output), "") << output;
}

TEST(OutputFlags, ADashIsStandardOutput) {
  EXPECT_EQ(output_path("-"), "");
  EXPECT_EQ(output_path(""), "");
  EXPECT_EQ(output_path("./-"), "./-");
}

TEST(ResultFlags, TheFormatIsWhatIsGivenElseTheEndingElseText) {
  EXPECT_EQ(to_file("").format(), ReportFormat::kText);
  EXPECT_EQ(to_file("-").format(), ReportFormat::kText);
  EXPECT_EQ(to_file("rows.tsv").format(), ReportFormat::kTsv);
  EXPECT_EQ(to_file("rows.dat").format(), ReportFormat::kText);
  ResultFlags flags = to_file("rows.tsv");
  flags.given_format = ReportFormat::kText;
  EXPECT_EQ(flags.format(), ReportFormat::kText);
}

TEST(OutputFlags, AFormatThatACommandLacksIsRefused) {
  const std::map<std::string, ReportFormat> formats = {{"json", ReportFormat::kJson},
                                                       {"text", ReportFormat::kText}};
  OutputFlags flags;
  flags.output = "rows.csv";
  expect_error(ErrorKind::kUsage, "--output rows.csv: the format csv is not written here, only json, text",
               [&] { format_of(std::optional<ReportFormat>(), flags, formats); });
  EXPECT_EQ(format_of(std::optional(ReportFormat::kJson), flags, formats), ReportFormat::kJson);
}

TEST(ResultFlags, FlagsOfTablesNeedOne) {
  ResultFlags flags = to_file("rows.csv");
  flags.is_long = true;
  flags.escapes_formulas = true;
  flags.is_resumed = true;
  flags.validate();
  flags.given_format = ReportFormat::kJsonl;
  expect_error(ErrorKind::kUsage, "--long", [&] { flags.validate(); });
  flags.is_long = false;
  expect_error(ErrorKind::kUsage, "--escape-formulas", [&] { flags.validate(); });
  flags.escapes_formulas = false;
  flags.validate();
}

TEST(ResultFlags, OnlyRowsInAFileAreResumed) {
  ResultFlags flags = to_file("-");
  flags.is_resumed = true;
  flags.given_format = ReportFormat::kCsv;
  expect_error(ErrorKind::kUsage, "add its name with --output", [&] { flags.validate(); });
  flags = to_file("rows.json");
  flags.is_resumed = true;
  expect_error(ErrorKind::kUsage, "add --format jsonl", [&] { flags.validate(); });
}

}  // namespace
}  // namespace clipcls
