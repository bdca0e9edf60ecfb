#include "report/report.h"

#include <gtest/gtest.h>

#include <sstream>

namespace clipcls {
namespace {

const ImageResult kShark = {"shark.png", {{1, 0.57624, 0.2F}, {0, 0.3693, -0.125F}}, std::nullopt};
const ImageResult kBroken = {"b\"ad\x1B.png", {}, Error(ErrorKind::kBrokenImage, "ends early")};

std::string written(ReportFormat format, const std::vector<ImageResult>& results,
                    ScoreKind kind = ScoreKind::kSoftmax,
                    std::vector<std::string> labels = {"dolphin", "shark"},
                    std::optional<double> threshold = std::nullopt) {
  std::ostringstream output;
  const auto report = make_report_writer(format, output,
                                         {.labels = std::move(labels),
                                          .score_kind = kind,
                                          .has_several_images = results.size() > 1,
                                          .threshold = threshold});
  for (const ImageResult& result : results) report->write(result);
  report->finish();
  return output.str();
}

TEST(TextReport, IsTheContractByteForByte) {
  EXPECT_EQ(written(ReportFormat::kText, {kShark}),
            "Top predictions:\n\n           shark: 57.62%\n         dolphin: 36.93%\n");
}

TEST(TextReport, NamesSeveralImagesAndLeavesFailedOnesOut) {
  EXPECT_EQ(written(ReportFormat::kText, {kShark, kBroken, kShark}),
            "shark.png:\nTop predictions:\n\n           shark: 57.62%\n         dolphin: 36.93%\n\n"
            "shark.png:\nTop predictions:\n\n           shark: 57.62%\n         dolphin: 36.93%\n");
}

TEST(TextReport, AlignsByDisplayWidthAndCutsNoLabel) {
  EXPECT_EQ(written(ReportFormat::kText, {kShark}, ScoreKind::kSoftmax, {"a label of many columns", "犬"}),
            "Top predictions:\n\n              犬: 57.62%\na label of many columns: 36.93%\n");
}

TEST(TextReport, PrintsACosineAsItIs) {
  EXPECT_EQ(written(ReportFormat::kText, {{"x", {{0, 0.25, 0.25F}}, std::nullopt}}, ScoreKind::kCosine),
            "Top predictions:\n\n         dolphin: 0.2500\n");
}

TEST(TextReport, SaysThatNoScoreReachedTheThreshold) {
  const ImageResult nothing = {"x", {}, std::nullopt};
  EXPECT_EQ(written(ReportFormat::kText, {nothing}, ScoreKind::kSoftmax, {"dolphin"}, 0.5),
            "Top predictions:\n\n(no score of 50.00% or more)\n");
  EXPECT_EQ(written(ReportFormat::kText, {nothing}, ScoreKind::kCosine, {"dolphin"}, 0.25),
            "Top predictions:\n\n(no score of 0.2500 or more)\n");
  EXPECT_EQ(written(ReportFormat::kJsonl, {nothing}, ScoreKind::kSoftmax, {"dolphin"}, 0.5),
            "{\"image\":\"x\",\"predictions\":[]}\n");
}

TEST(JsonReport, IsOneArray) {
  EXPECT_EQ(written(ReportFormat::kJson, {}), "[]\n");
  EXPECT_EQ(written(ReportFormat::kJson, {kShark, kBroken}),
            R"([
{"image":"shark.png","predictions":[{"label":"shark","score":0.57624,"similarity":0.2},{"label":"dolphin","score":0.3693,"similarity":-0.125}]},
{"image":"b\"ad\u001b.png","error":{"kind":"broken_image","message":"ends early"}}
]
)");
}

TEST(JsonlReport, IsOneObjectALine) {
  EXPECT_EQ(written(ReportFormat::kJsonl, {kBroken, kShark}),
            R"({"image":"b\"ad\u001b.png","error":{"kind":"broken_image","message":"ends early"}}
{"image":"shark.png","predictions":[{"label":"shark","score":0.57624,"similarity":0.2},{"label":"dolphin","score":0.3693,"similarity":-0.125}]}
)");
}

TEST(JsonReport, SurvivesAPathThatIsNotUtf8) {
  EXPECT_EQ(written(ReportFormat::kJsonl, {{"\xFF.png", {}, std::nullopt}}),
            "{\"image\":\"\xEF\xBF\xBD.png\",\"image_bytes\":\"/y5wbmc=\",\"predictions\":[]}\n");
}

TEST(JsonReport, EscapesEveryControlCharacter) {
  EXPECT_EQ(written(ReportFormat::kJsonl, {{"\x1B\x7F\xC2\x9B\xC2\xA0.png", {}, std::nullopt}}),
            "{\"image\":\"\\u001b\\u007f\\u009b\xC2\xA0.png\",\"predictions\":[]}\n");
}

}  // namespace
}  // namespace clipcls
