#include "report/report_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/expect_error.h"

namespace clipcls {
namespace {

struct Kind {
  ReportFormat format;
  bool is_long = false;
};

constexpr Kind kKinds[] = {{ReportFormat::kJsonl},
                           {ReportFormat::kCsv},
                           {ReportFormat::kCsv, true},
                           {ReportFormat::kTsv},
                           {ReportFormat::kTsv, true}};

const std::vector<ImageResult> kResults = {
    {"a.png", {{0, 0.6, 0.2F}, {1, 0.3, 0.1F}}, std::nullopt},
    {"two\r\nlines, \"quoted\"\t\xFF.png", {{0, 0.6, 0.2F}, {1, 0.3, 0.1F}}, std::nullopt},
    {"=gone.png", {}, Error(ErrorKind::kNotFound, "no such\nfile")},
    {"few.png", {{1, 0.3, 0.1F}}, std::nullopt},
    {"a.png", {{0, 0.6, 0.2F}, {1, 0.3, 0.1F}}, std::nullopt}};

ReportOptions options_of(const Kind& kind) {
  ReportOptions options;
  options.labels = {"cat", "dog"};
  options.is_long = kind.is_long;
  options.escapes_formulas = is_table(kind.format);
  return options;
}

/// Of the first `num_results`.
std::string written(const Kind& kind, std::size_t num_results) {
  std::ostringstream output;
  const auto report = make_report_writer(kind.format, output, options_of(kind));
  for (std::size_t i = 0; i < num_results; ++i) report->write(kResults[i]);
  report->finish();
  return output.str();
}

ReportRows read(const std::string& text, const Kind& kind) {
  std::istringstream report(text);
  return read_report_rows(report, kind.format, options_of(kind));
}

TEST(ReportRows, ReadsBackWhatWasWritten) {
  for (const Kind& kind : kKinds) {
    const std::string text = written(kind, kResults.size());
    const ReportRows rows = read(text, kind);
    EXPECT_EQ(rows.num_images, 5U);
    EXPECT_EQ(rows.num_failed, 1U);
    EXPECT_EQ(rows.num_bytes, text.size());
    EXPECT_EQ(rows.num_rows.size(), 4U);
    EXPECT_EQ(rows.num_rows.at("a.png"), 2U);
    for (const ImageResult& result : kResults) EXPECT_TRUE(rows.num_rows.contains(result.path));
  }
}

TEST(ReportRows, CutsATornEndWhereverItIsTorn) {
  for (const Kind& kind : kKinds) {
    const std::string text = written(kind, kResults.size());
    std::vector<std::size_t> ends = {0};  // of what may be kept
    for (std::size_t i = 0; i <= kResults.size(); ++i) ends.push_back(written(kind, i).size());
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const ReportRows rows = read(text.substr(0, size), kind);
      EXPECT_LE(rows.num_bytes, size);
      const auto end = std::find(ends.rbegin(), ends.rend(), rows.num_bytes);
      ASSERT_NE(end, ends.rend()) << "cut at " << size << ", kept " << rows.num_bytes;
      // No more than the last image is given up: of a --long table the one that may have further rows.
      const auto given_up = std::count_if(ends.begin(), ends.end(),
                                          [&](std::size_t e) { return e > rows.num_bytes && e <= size; });
      EXPECT_LE(given_up, kind.is_long ? 1 : 0) << "cut at " << size;
    }
  }
}

TEST(ReportRows, SaysWhatIsNoSuchReport) {
  expect_error(ErrorKind::kOutput, "line 2 is not a row",
               [] { read("{\"image\":\"a\"}\n[1]\n", {ReportFormat::kJsonl}); });
  expect_error(ErrorKind::kOutput, "line 1 is not a row", [] { read("\n", {ReportFormat::kJsonl}); });
  expect_error(ErrorKind::kOutput, "line 1 is not the header", [] { read("a,b\r\n", {ReportFormat::kCsv}); });
  expect_error(ErrorKind::kOutput, "line 1 is not the header", [] {
    read(written({ReportFormat::kCsv, true}, 1), {ReportFormat::kCsv});
  });
  expect_error(ErrorKind::kOutput, "line 2 is not a row",
               [] { read(written({ReportFormat::kTsv}, 0) + "a\tb\n", {ReportFormat::kTsv}); });
}

TEST(ReportRows, RowsThatAreRedoneAreNamedByTheirBytesAndDoNotCount) {
  const std::string first = R"({"image":"a","predictions":[]})"
                            "\n";
  const std::string failed = R"({"image":"b","error":{"kind":"not_found","message":"no"}})"
                             "\n";
  std::istringstream report(first + failed + first + "{\"torn");
  const ReportRows rows = read_report_rows(report, ReportFormat::kJsonl, {},
                                           [](const std::string&, bool has_failed) { return has_failed; });
  EXPECT_EQ(rows.num_images, 2U);
  EXPECT_EQ(rows.num_failed, 0U);
  EXPECT_EQ(rows.num_rows.count("b"), 0U);
  EXPECT_EQ(rows.num_bytes, 2 * first.size() + failed.size());
  ASSERT_EQ(rows.redone.size(), 1U);
  EXPECT_EQ(rows.redone.front().begin, first.size());
  EXPECT_EQ(rows.redone.front().end, first.size() + failed.size());
}

}  // namespace
}  // namespace clipcls
