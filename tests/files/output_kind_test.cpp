#include "files/output_kind.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "report/evaluation_report.h"
#include "report/report.h"
#include "support/temporary_folder.h"
#include "zero_shot/label_set.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr std::array kFileKinds = {OutputKind::kResults,     OutputKind::kEvaluation,
                                   OutputKind::kCalibration, OutputKind::kLabels,
                                   OutputKind::kRunSettings, OutputKind::kPictureStates};

/// Every way in which results are written: each format, of none, one and two images, whatever their names.
std::vector<std::string> all_results() {
  std::vector<std::string> all;
  for (const ReportFormat format : {ReportFormat::kText, ReportFormat::kJson, ReportFormat::kJsonl,
                                    ReportFormat::kHtml, ReportFormat::kCsv, ReportFormat::kTsv}) {
    if (!CLIPCLS_WITH_PAGES && format == ReportFormat::kHtml) continue;
    for (const bool is_long : {false, true}) {
      for (const bool has_failed : {false, true}) {
        for (const std::size_t num_images : {0U, 1U, 2U}) {
          ReportOptions options;
          options.labels = {"cat", "dog"};
          options.is_long = is_long;
          options.has_several_images = num_images > 1;
          std::ostringstream output;
          const auto report = make_report_writer(format, output, options);
          for (std::size_t i = 0; i < num_images; ++i) {
            ImageResult result{"odd \"name\",\n\xFF\\.png", {{0, 0.9, 0.3F}, {1, 0.1, 0.2F}}};
            if (has_failed && i == 0) result = {"b.png", {}, Error(ErrorKind::kNotFound, "no such file")};
            report->write(result);
          }
          report->finish();
          all.push_back(output.str());
        }
      }
    }
  }
  return all;
}

TEST(OutputKindTest, ATableWithAColumnOfSomebodyIsNoResults) {
  for (const char* table :
       {"image,label_1,score_1,similarity_1,error_kind,error_message",
        "image\tlabel_1\tscore_1\tsimilarity_1\tlabel_2\tscore_2\tsimilarity_2\terror_kind\terror_message",
        "image,rank,label,score,similarity,error_kind,error_message"}) {
    EXPECT_TRUE(begins_as(OutputKind::kResults, table));
    for (const char* end : {"\n", "\r\n", "\r\na.png"})
      EXPECT_TRUE(begins_as(OutputKind::kResults, std::string(table) + end)) << table << end;
    for (const char* added : {",notes\n", "\tnotes\n", "s\n", " \n"})
      EXPECT_FALSE(begins_as(OutputKind::kResults, std::string(table) + added)) << table << added;
  }
  for (const char* table :
       {"image,label_1,score_1,similarity_1,notes,error_kind,error_message\n",
        "image,label_1,score_1,similarity_1,label_3,score_3,similarity_3,error_kind,error_message\n"})
    EXPECT_FALSE(begins_as(OutputKind::kResults, table)) << table;
}

TEST(OutputKindTest, ADiaryIsNoResults) {
  EXPECT_TRUE(begins_as(OutputKind::kResults, "Top predictions:\n\n           shark: 57.62%\n"));
  EXPECT_TRUE(begins_as(OutputKind::kResults, "Top predictions:\n\n           shark: -0.0123\n"));
  EXPECT_TRUE(begins_as(OutputKind::kResults, "Top predictions:\n\n(no score of 70.00% or more)\n"));
  EXPECT_FALSE(begins_as(OutputKind::kResults, "Top predictions:\n\nIt will rain tomorrow.\n"));
  EXPECT_FALSE(begins_as(OutputKind::kResults, "Top predictions:\n\nOn Monday: rain\n"));
}

TEST(OutputKindTest, ResultsAreKnownInEveryFormatCutAnywhere) {
  for (const std::string& results : all_results()) {
    // The text of several images begins with a path, which may be anything.
    const std::size_t begin = results.starts_with("odd") ? results.find('\n') + 2 : 0;
    for (std::size_t size = begin; size <= std::min<std::size_t>(results.size(), 2000); ++size)
      ASSERT_TRUE(begins_as(OutputKind::kResults, results.substr(0, size))) << results.substr(0, size);
  }
}

TEST(OutputKindTest, ResultsThatWereIndentedAreKnown) {
  EXPECT_TRUE(begins_as(OutputKind::kResults,
                        "[\n  {\n    \"image\": \"a.png\",\n    \"predictions\": []\n  }\n]\n"));
  EXPECT_TRUE(
      begins_as(OutputKind::kResults, "{\"image\": \"a.png\", \"error\": {\"kind\": \"not_found\"}}\n"));
}

TEST(OutputKindTest, NoKindIsTakenForAnother) {
  Label label;
  label.name = "cat";
  const std::string labels = write_label_set({{label}, {}});
  EXPECT_TRUE(begins_as(OutputKind::kLabels, labels));
  for (const OutputKind kind : kFileKinds) {
    EXPECT_EQ(begins_as(kind, labels), kind == OutputKind::kLabels) << output_kind_name(kind);
    if (kind == OutputKind::kResults) continue;
    for (const std::string& results : all_results()) {
      if (results.size() <= 3) continue;  // nothing, or an empty array
      EXPECT_FALSE(begins_as(kind, results)) << output_kind_name(kind) << results;
    }
  }
}

TEST(OutputKindTest, WhatOthersWroteIsOfNoKind) {
  const std::vector<std::string> others = {
      "\x89PNG\r\n\x1A\n",
      "\xFF\xD8\xFF\xE0",
      "RIFF\x10\0\0\0WEBPVP8 ",
      "GIF89a",
      "BM",
      std::string(64, '\0'),
      "\n",
      " ",
      "cat\ndog\n",
      "a.png\nb.png\n",
      "path,label\na.png,cat\n",
      "image,label\na.png,cat\n",
      "image\n",
      "image,label_1\n",
      "# labels\ncat\n",
      "Notes:\n",
      "Notes:\nTop of the list\n",
      "Top 10\n",
      "{\"image\": \"a.png\", \"caption\": \"a cat\"}\n",
      "{\"images\": []}",
      "[\"cat\", \"dog\"]",
      "{\"cat\": [\"a cat\"]}",
      "[{\"image\":\"a.png\",\"conversations\":[]}]",
      "{\"source\": \"a\", \"target\": \"b\"}",
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>My page</title>" + std::string(2000, ' '),
      "{\"format\": \"other\"}",
      "%PDF-1.7",
      "clipcls",
      "album: many images of two labels"};
  for (const std::string& other : others) {
    for (const OutputKind kind : kFileKinds)
      EXPECT_FALSE(begins_as(kind, other)) << output_kind_name(kind) << ": " << other;
  }
}

TEST(OutputKindTest, AnEmptyFileIsOfEveryKind) {
  for (const OutputKind kind : kFileKinds) EXPECT_TRUE(begins_as(kind, ""));
}

TEST(OutputKindTest, AFolderIsOfAKindWhenItHoldsNothingElse) {
  const TemporaryFolder folder;
  EXPECT_TRUE(is_folder_of(OutputKind::kModelFolder, folder.path()));  // empty
  const std::string weights = folder.write("image_encoder.pt", "x");
  EXPECT_FALSE(is_folder_of(OutputKind::kModelFolder, folder.path()));
  folder.write("config.json", "{}");
  EXPECT_TRUE(is_folder_of(OutputKind::kModelFolder, folder.path()));
  EXPECT_FALSE(is_folder_of(OutputKind::kFeatureFolder, folder.path()));
  EXPECT_FALSE(is_folder_of(OutputKind::kModelFolder, weights));
  fs::create_directory(folder.path() / "merges.txt");
  EXPECT_FALSE(is_folder_of(OutputKind::kModelFolder, folder.path()));
  fs::remove(folder.path() / "merges.txt");
  folder.write("notes.txt", "mine");
  EXPECT_FALSE(is_folder_of(OutputKind::kModelFolder, folder.path()));
}

#if CLIPCLS_WITH_EVALUATION
TEST(OutputKindTest, FiguresOfAnEvaluationAreKnownInEveryFormat) {
  Evaluation evaluation;
  evaluation.source = "album: of \"2020\"";
  EvaluatedRun run;
  run.class_names = {"cat"};
  run.metrics = compute_metrics(std::vector<Outcome>(1), 1, true);
  evaluation.runs.push_back(run);
  for (const EvaluationFormat format :
       {EvaluationFormat::kText, EvaluationFormat::kJson, EvaluationFormat::kHtml}) {
    if (!CLIPCLS_WITH_PAGES && format == EvaluationFormat::kHtml) continue;
    std::ostringstream output;
    write_evaluation(format, output, evaluation);
    EXPECT_TRUE(begins_as(OutputKind::kEvaluation, output.str())) << output.str();
    EXPECT_FALSE(begins_as(OutputKind::kResults, output.str()));
  }
}
#endif

}  // namespace
}  // namespace clipcls
