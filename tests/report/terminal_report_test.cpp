#include <gtest/gtest.h>

#include <sstream>

#include "report/report.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

const std::vector<std::string> kLabels = {"dolphin", "shark"};

ReportOptions terminal_options(bool has_several_images, std::size_t top_k = 5) {
  ReportOptions options;
  options.labels = kLabels;
  options.has_several_images = has_several_images;
  options.top_k = top_k;
  options.style.columns = 80;
  return options;
}

std::string shown(const ReportOptions& options, const std::vector<ImageResult>& results) {
  std::ostringstream output;
  const auto report = make_report_writer(ReportFormat::kText, output, options);
  for (const ImageResult& result : results) report->write(result);
  report->finish();
  return output.str();
}

ImageResult picture(const std::string& path,
                    std::vector<RankedAnswer> predictions = {{1, 0.5, 0.2F}, {0, 0.05, 0.1F}}) {
  return {path, std::move(predictions)};
}

TEST(TerminalReport, IsTheBlockWithBars) {
  EXPECT_EQ(shown(terminal_options(false), {picture("a.png")}),
            "Top predictions:\n\n"
            "           shark: 50.00%  ███████████████\n"
            "         dolphin:  5.00%  █▌\n");
}

TEST(TerminalReport, SeveralImagesAreNamedInPlaceOfTheHeading) {
  EXPECT_EQ(shown(terminal_options(true), {picture("a.png", {{1, 1, 1}}), picture("b.png", {{0, 0, 0}})}),
            "a.png:\n           shark: 100.00%  ██████████████████████████████\n\n"
            "b.png:\n         dolphin: 0.00%\n");
}

TEST(TerminalReport, OneLabelForManyImagesIsALineAnImage) {
  EXPECT_EQ(shown(terminal_options(true, 1),
                  {picture("a.png", {{1, 1, 1}}), picture("longer.png", {{0, 0.05, 0}})}),
            "a.png  shark    100.00%\nlonger.png  dolphin    5.00%\n");
}

TEST(TerminalReport, LongAndWideLabelsStayInLine) {
  ReportOptions options = terminal_options(false);
  options.labels = std::vector<std::string>{"犬犬犬犬犬犬犬犬犬", "a label of many columns"};
  EXPECT_EQ(shown(options, {picture("a.png")}),
            "Top predictions:\n\n"
            "a label of many columns: 50.00%  ███████████████\n"
            "     犬犬犬犬犬犬犬犬犬:  5.00%  █▌\n");
  options.style.columns = 40;
  options.labels = std::vector<std::string>{"dolphin", std::string(100, 'x')};
  std::istringstream lines(shown(options, {picture("a.png")}));
  for (std::string line; std::getline(lines, line);) EXPECT_LT(display_width(line), 40) << line;
}

TEST(TerminalReport, TheBestLabelHasTheColourAndNamesAreLinks) {
  ReportOptions options = terminal_options(true);
  options.style.has_colours = options.style.has_links = true;
  options.style.host = "box";
  const std::string text = shown(options, {picture("/p/a.png")});
  EXPECT_TRUE(text.starts_with("\x1B]8;;file://box/p/a.png\x1B\\\x1B[1m/p/a.png\x1B[0m\x1B]8;;\x1B\\:\n"));
  EXPECT_NE(text.find("           \x1B[1;32mshark\x1B[0m: 50.00%"), std::string::npos);
  EXPECT_NE(text.find("         dolphin:  5.00%"), std::string::npos);
}

TEST(TerminalReport, SortedFilesAreShownWithTheirFolders) {
  ReportOptions options = terminal_options(true);
  options.style.shows_moves = true;
  ImageResult moved = picture("photos/a.png");
  moved.sorted_into = "sorted/shark/a.png";
  ImageResult renamed = moved;
  renamed.sorted_into = "sorted/shark/a-2.png";
  EXPECT_EQ(
      shown(options, {moved, renamed, picture("b.png")}),
      "photos/a.png -> sorted/shark\nphotos/a.png -> sorted/shark/a-2.png\nb.png stays: shark 50.00%\n");
}

TEST(TextReport, KeepsItsLinesWhereColoursAreAskedForInAPipe) {
  ReportOptions options = terminal_options(true);
  options.style.columns = 0;
  options.style.has_colours = true;
  EXPECT_EQ(shown(options, {picture("a.png")}),
            "\x1B[1ma.png\x1B[0m:\nTop predictions:\n\n           \x1B[1;32mshark\x1B[0m: 50.00%\n"
            "         dolphin: 5.00%\n");
}

}  // namespace
}  // namespace clipcls
