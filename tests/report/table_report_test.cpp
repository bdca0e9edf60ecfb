#include <gtest/gtest.h>

#include <sstream>

#include "report/report.h"

namespace clipcls {
namespace {

const ImageResult kSharkRow = {"=shark.png", {{1, 0.57624, 0.2F}, {0, 0.3693, -0.125F}}, std::nullopt};
const ImageResult kBrokenRow = {"b,ad\x1B.png", {}, Error(ErrorKind::kBrokenImage, "ends early")};

ReportOptions three_columns() {
  ReportOptions options;
  options.labels = {"dolphin", "-shark", "whale"};
  options.top_k = 2;
  return options;
}

std::string written(ReportFormat format, const ReportOptions& options) {
  std::ostringstream output;
  const auto report = make_report_writer(format, output, options);
  report->write(kSharkRow);
  report->write(kBrokenRow);
  report->finish();
  return output.str();
}

TEST(TableReport, IsARowAnImage) {
  EXPECT_EQ(written(ReportFormat::kCsv, three_columns()),
            "image,label_1,score_1,similarity_1,label_2,score_2,similarity_2,error_kind,error_message\r\n"
            "=shark.png,-shark,0.57624,0.2,dolphin,0.3693,-0.125,,\r\n"
            "\"b,ad\x1B.png\",,,,,,,broken_image,ends early\r\n");
}

TEST(TableReport, IsARowAPrediction) {
  ReportOptions options = three_columns();
  options.is_long = true;
  EXPECT_EQ(written(ReportFormat::kTsv, options),
            "image\trank\tlabel\tscore\tsimilarity\terror_kind\terror_message\n"
            "=shark.png\t1\t-shark\t0.57624\t0.2\t\t\n"
            "=shark.png\t2\tdolphin\t0.3693\t-0.125\t\t\n"
            "b,ad\\x1B.png\t\t\t\t\tbroken_image\tends early\n");
}

TEST(TableReport, HasNoMoreColumnsThanLabels) {
  ReportOptions options = three_columns();
  options.labels = {"dolphin", "shark"};
  options.top_k = 1000000000;
  EXPECT_TRUE(written(ReportFormat::kCsv, options)
                  .starts_with("image,label_1,score_1,similarity_1,label_2,score_2,similarity_2,error"));
}

TEST(TableReport, EscapesFormulasInTextsAlone) {
  ReportOptions options = three_columns();
  options.escapes_formulas = true;
  EXPECT_NE(written(ReportFormat::kCsv, options)
                .find("\r\n'=shark.png,'-shark,0.57624,0.2,dolphin,0.3693,-0.125,,\r\n"),
            std::string::npos);
}

TEST(TableReport, CannotSteerATerminal) {
  ReportOptions options = three_columns();
  options.is_terminal = true;
  EXPECT_EQ(written(ReportFormat::kCsv, options).find('\x1B'), std::string::npos);
  EXPECT_EQ(written(ReportFormat::kTsv, options).find('\x1B'), std::string::npos);
}

TEST(TableReport, AContinuedOneHasNoSecondHeader) {
  ReportOptions options = three_columns();
  options.is_continued = true;
  EXPECT_TRUE(written(ReportFormat::kCsv, options).starts_with("=shark.png"));
}

}  // namespace
}  // namespace clipcls
