#include "evaluation/evaluate_runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "evaluation/fit_calibration.h"
#include "support/expect_error.h"
#include "support/fake_clip_model.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

/// A picture of one colour, in ASCII.
std::string pixmap(int red, int green, int blue) {
  return "P3 1 1 255\n" + std::to_string(red) + " " + std::to_string(green) + " " + std::to_string(blue) +
         "\n";
}

/// Six pictures of two classes: the features of the fake model are their colours.
class EvaluateRuns : public testing::Test {
 protected:
  EvaluateRuns() {
    std::filesystem::create_directories(folder_.path() / "red");
    std::filesystem::create_directories(folder_.path() / "blue");
    for (int i = 0; i < 3; ++i) {
      folder_.write("red/" + std::to_string(i) + ".ppm", pixmap(255, 10 * i, 0));
      folder_.write("blue/" + std::to_string(i) + ".ppm", pixmap(0, 10 * i, 255));
    }
    images_ = read_labelled_images(folder_.path().string());
    LabelSet labels;
    labels.labels = {{"red", {}, {}, {}, {}}, {"blue", {}, {}, {}, {}}};
    run_.name = "base";
    run_.labels.labels = std::make_shared<const LabelSet>(std::move(labels));
    run_.label_of_class = match_classes(images_, run_.labels.answers(), "DIR", "labels");
  }

  static OpenedModel open(const EvaluationRun& /*run*/) {
    OpenedModel opened;
    opened.model = std::make_unique<FakeClipModel>();
    opened.embedding.load_tokenizer = [] { return Tokenizer(); };
    return opened;
  }

  EvaluationResult evaluate(const std::vector<EvaluationRun>& runs, const EvaluationOptions& options = {}) {
    return evaluate_runs(runs, images_, options, open,
                         [&](const std::string& message) { failures_.push_back(message); });
  }

  TemporaryFolder folder_;
  LabelledImages images_;
  EvaluationRun run_;
  std::vector<std::string> failures_;
};

/// Of labels that are the colours themselves.
std::shared_ptr<const LabelSet> colours(bool is_right) {
  LabelSet labels;
  labels.labels = {{"red", {}, {}, {}, {}}, {"blue", {}, {}, {}, {}}};
  labels.weights = LabelWeights{"m", "", "", Matrix(2, 3), {1, 1}, {0, 0}};
  labels.weights->class_embeddings.values = {1, 0, 0, 0, 0, 1};
  if (!is_right) labels.weights->class_embeddings.values = {0, 0, 1, 1, 0, 0};
  return std::make_shared<const LabelSet>(std::move(labels));
}

TEST_F(EvaluateRuns, MeasuresEachRunAndComparesItWithTheFirst) {
  run_.labels.labels = colours(true);
  EvaluationRun wrong = run_;
  wrong.name = "wrong";
  wrong.labels.labels = colours(false);
  int num_opened = 0;
  const EvaluationResult result = evaluate_runs(
      {run_, wrong}, images_, {.source = "DIR", .num_worst = 2},
      [&](const EvaluationRun& run) {
        ++num_opened;
        return open(run);
      },
      ignore_message);
  const Evaluation& evaluation = result.evaluation;
  EXPECT_EQ(num_opened, 1);  // both have one model
  ASSERT_EQ(evaluation.runs.size(), 2U);
  EXPECT_EQ(evaluation.source, "DIR");
  EXPECT_EQ(evaluation.runs[0].metrics.top1, 1);
  EXPECT_EQ(evaluation.runs[1].metrics.top1, 0);
  EXPECT_FALSE(evaluation.runs[0].against_first);
  EXPECT_TRUE(evaluation.runs[1].against_first);
  EXPECT_TRUE(evaluation.runs[0].worst.empty());
  EXPECT_EQ(evaluation.runs[1].worst.size(), 2U);
  EXPECT_EQ(evaluation.runs[1].class_names, (std::vector<std::string>{"red", "blue"}));
}

TEST_F(EvaluateRuns, SaysOnceWhichPictureCannotBeRead) {
  images_.paths[0] = "/nonexistent.png";
  EvaluationRun other = run_;
  other.model = "another";
  const EvaluationResult result = evaluate({run_, other});
  EXPECT_EQ(result.evaluation.num_failed, 1U);
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_TRUE(failures_[0].starts_with("/nonexistent.png: "));

  for (std::string& path : images_.paths) path = "/nonexistent.png";
  expect_error(ErrorKind::kInvalidArgument, "no picture could be read", [&] { evaluate({run_}); });
}

TEST_F(EvaluateRuns, ExamplesAloneFindTheColoursThatPromptsDoNotKnow) {
  EvaluationOptions options;
  for (const FewShotMethod method : {FewShotMethod::kMean, FewShotMethod::kProbe}) {
    options.few_shot = {.num_examples = 1, .method = method, .blend = 1};
    const EvaluationResult result = evaluate({run_}, options);
    ASSERT_EQ(result.evaluation.runs.size(), 2U);
    EXPECT_EQ(result.evaluation.training.size(), 2U);
    EXPECT_EQ(result.evaluation.runs[1].metrics.top1, 1);
    ASSERT_TRUE(result.few_shot_labels.weights);
    const Matrix& weights = result.few_shot_labels.weights->class_embeddings;
    EXPECT_GT(weights.row(0)[0], 0.5F);
    EXPECT_GT(weights.row(1)[2], 0.5F);
  }
}

TEST_F(EvaluateRuns, ExamplesMustBeThereAndLeaveSomeForTheTest) {
  require_examples(2, run_, images_);
  expect_error(ErrorKind::kInvalidArgument, "label \"red\" has 3 pictures, and 4 examples are asked for",
               [&] { require_examples(4, run_, images_); });
  expect_error(ErrorKind::kInvalidArgument, "none is left for the test",
               [&] { require_examples(3, run_, images_); });
  run_.labels.labels = colours(true);
  expect_error(ErrorKind::kInvalidArgument, "has labels made of pictures already",
               [&] { require_examples(1, run_, images_); });
}

TEST_F(EvaluateRuns, ACalibrationIsOfTheRunsLabelsAndLowersTheError) {
  run_.labels.labels = colours(true);
  images_.classes[0] = 1 - images_.classes[0];  // one that the labels take for another
  const OpenedModel opened = open(run_);
  const ZeroShotClassifier classifier = make_classifier(*opened.model, run_.labels, opened.embedding);
  const LabelledFeatures features = encode_labelled_images(images_, *opened.model, {}, "", ignore_message);
  const FittedCalibration fitted =
      fit_calibration(run_, classifier, images_, features, *opened.model, opened.embedding);
  EXPECT_EQ(fitted.num_images, 6U);
  EXPECT_GT(fitted.calibration.temperature, 1);  // the labels were too sure of it
  EXPECT_LT(fitted.error_after, fitted.error_before);
  EXPECT_EQ(fitted.calibration.labels, (std::vector<std::string>{"red", "blue"}));
  ASSERT_EQ(fitted.calibration.thresholds.size(), 2U);
  LabelRequest calibrated = run_.labels;
  calibrated.calibration = fitted.calibration;
  EXPECT_EQ(make_classifier(*opened.model, calibrated, opened.embedding).rule().logit_scale,
            10 / fitted.calibration.temperature);
}

}  // namespace
}  // namespace clipcls
