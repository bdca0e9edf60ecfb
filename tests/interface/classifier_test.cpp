#include "clipcls/classifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "everyday.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

using Score = ClassifierOptions::Score;

const Labels& four_labels() {
  static const Labels labels = {"shark", "hot dog", "submarine", "tree"};
  return labels;
}

ClassifierOptions uncached() { return {.is_cached = false}; }

double sum_of_scores(const std::vector<Prediction>& predictions) {
  double sum = 0;
  for (const Prediction& prediction : predictions) sum += prediction.score;
  return sum;
}

TEST(PublicClassifier, RanksLabels) {
  const Classifier classifier(everyday(), four_labels(), uncached());
  const std::vector<Prediction> predictions = classifier.classify(Image::read(kShark));
  ASSERT_EQ(predictions.size(), 4U);
  EXPECT_EQ(predictions[0].label, "shark");
  EXPECT_EQ(predictions[0].label_index, 0U);
  EXPECT_NEAR(sum_of_scores(predictions), 1, 1e-6);
  EXPECT_TRUE(std::ranges::is_sorted(predictions, std::greater(), &Prediction::score));
  EXPECT_EQ(classifier.classify(Image::read(kShark), 2).size(), 2U);
  EXPECT_EQ(
      Classifier(everyday(), Labels::read("cifar100"), uncached()).classify(Image::read(kShark)).size(), 5U);
  EXPECT_EQ(classifier.model().name(), everyday().name());
  EXPECT_EQ(classifier.labels().size(), 4U);
}

TEST(PublicClassifier, PicturesFeaturesAndOneAfterTheOtherAgree) {
  const Classifier classifier(everyday(), four_labels(), uncached());
  const std::vector<Image> pictures = make_pictures(33);
  const auto all = classifier.classify(pictures, 4);
  ASSERT_EQ(all.size(), pictures.size());
  for (const std::size_t i : {std::size_t{0}, std::size_t{20}, std::size_t{32}}) {
    const auto one = classifier.classify(pictures[i], 4);
    const auto of_features = classifier.classify_features(everyday().encode_image(pictures[i]), 4);
    for (std::size_t k = 0; k < 4; ++k) {
      EXPECT_EQ(all[i][k].label, one[k].label);
      EXPECT_NEAR(all[i][k].score, one[k].score, 1e-4);
      EXPECT_NEAR(of_features[k].similarity, one[k].similarity, 1e-5);
    }
  }
  EXPECT_TRUE(classifier.classify(std::span<const Image>()).empty());
  expect_error(ErrorKind::kInvalidArgument, "`image_features` has 3 numbers", [&] {
    const std::vector<float> few(3);
    classifier.classify_features(few);
  });
}

TEST(PublicClassifier, ScoresAreWhatTheOptionsSay) {
  const Image shark = Image::read(kShark);
  const auto first = [&](const ClassifierOptions& options) {
    return Classifier(everyday(), four_labels(), options).classify(shark).at(0);
  };
  const Prediction cosine = first({.score = Score::kCosine, .is_cached = false});
  EXPECT_NEAR(cosine.score, cosine.similarity, 1e-6);
  EXPECT_EQ(first({.none = {"a drawing of a shark."}, .threshold = -1, .is_cached = false}).score <= 1, true);
  const Classifier with_none(everyday(), {"tree", "hot dog"},
                             {.none = {"a drawing of a shark", "a shark"}, .is_cached = false});
  const Prediction none = with_none.classify(shark).at(0);
  EXPECT_EQ(none.label, "(none)");
  EXPECT_EQ(none.label_index, 2U);
  const Classifier above(everyday(), four_labels(), {.threshold = 0.999999, .is_cached = false});
  EXPECT_LT(above.classify(shark).size(), 2U);
  const Classifier multi_label(everyday(), four_labels(), {.score = Score::kMultiLabel, .is_cached = false});
  for (const Prediction& prediction : multi_label.classify(shark)) EXPECT_GE(prediction.score, 0.5);
  const Classifier all(everyday(), Labels::read("cifar100"),
                       {.score = Score::kMultiLabel, .threshold = 0.0, .is_cached = false});
  EXPECT_EQ(all.classify(shark).size(), 100U);
}

TEST(PublicClassifier, TemplatesChangeThePrompts) {
  const Image shark = Image::read(kShark);
  const auto similarity = [&](const std::vector<std::string>& templates) {
    return Classifier(everyday(), four_labels(), {.templates = templates, .is_cached = false})
        .classify(shark)
        .at(0)
        .similarity;
  };
  EXPECT_NEAR(similarity(everyday().prompt_templates()), similarity({}), 1e-6);
  EXPECT_NE(similarity({"nothing like a {} at all"}), similarity({}));
  expect_error(ErrorKind::kLabels, "{}", [&] { similarity({"no placeholder"}); });
}

TEST(PublicClassifier, OptionsThatExcludeEachOtherAreRefused) {
  const auto make = [](const ClassifierOptions& options) { Classifier(everyday(), four_labels(), options); };
  expect_error(ErrorKind::kInvalidArgument, "`none`",
               [&] { make({.score = Score::kMultiLabel, .none = {"a photo."}, .is_cached = false}); });
  expect_error(ErrorKind::kInvalidArgument, "`negatives`",
               [&] { make({.negatives = {"a photo."}, .is_cached = false}); });
  expect_error(ErrorKind::kInvalidArgument, "`threshold` is 2",
               [&] { make({.threshold = 2, .is_cached = false}); });
  expect_error(ErrorKind::kInvalidArgument, "nowhere.json",
               [&] { make({.calibration = "nowhere.json", .is_cached = false}); });
}

TEST(PublicClassifier, FeaturesAndTemplatesMustBeUsable) {
  const Classifier classifier(everyday(), four_labels(), uncached());
  std::vector<float> features(everyday().embed_dim(), 1.0F);
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    features[3] = value;
    expect_error(ErrorKind::kInvalidArgument, "`image_features` has a number at 3",
                 [&] { classifier.classify_features(features); });
  }
  for (const char* text : {"\xff{}", "", "a {}\nb"})
    expect_error(ErrorKind::kLabels, "`templates`",
                 [&] { Classifier(everyday(), four_labels(), {.templates = {text}, .is_cached = false}); });
}

TEST(PublicClassifier, WhatWasMovedFromIsStillThere) {
  Model model = everyday();
  Labels labels = four_labels();
  Classifier classifier(model, labels, uncached());
  const Model other_model = std::move(model);
  const Labels other_labels = std::move(labels);
  const Classifier other = std::move(classifier);
  EXPECT_EQ(model.name(), other_model.name());           // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(labels.size(), other_labels.size());         // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(classifier.labels().size(), labels.size());  // NOLINT(bugprone-use-after-move)
}

TEST(PublicClassifier, WarnsOfLabelsThatAreGivenTwice) {
  std::vector<std::string> warnings;
  const Classifier classifier(
      everyday(), {"cat", "dog", "cat"},
      {.is_cached = false, .on_warning = [&](const std::string& text) { warnings.push_back(text); }});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("\"cat\""), std::string::npos) << warnings[0];
  EXPECT_EQ(classifier.classify(Image::read(kShark)).size(), 2U);
}

TEST(PublicClassifier, KeepsEmbeddingsOfLabels) {
  const TemporaryFolder folder;
  const auto num_files = [&] {
    return std::ranges::distance(std::filesystem::directory_iterator(folder.path()),
                                 std::filesystem::directory_iterator());
  };
  const auto classify = [&] {
    return Classifier(everyday(), four_labels(), {.cache_folder = folder.path()})
        .classify(Image::read(kShark))
        .at(0)
        .score;
  };
  const double computed = classify();
  EXPECT_EQ(num_files(), 1);
  EXPECT_EQ(classify(), computed);
  EXPECT_EQ(num_files(), 1);
}

}  // namespace
}  // namespace clipcls
