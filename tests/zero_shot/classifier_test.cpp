#include "zero_shot/classifier.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

#include "zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

/// Three labels in the plane, at 0, 60 and 90 degrees from the first axis.
Matrix three_directions() {
  Matrix embeddings(3, 2);
  embeddings.values = {1.0F, 0.0F, 0.5F, std::numbers::sqrt3_v<float> / 2, 0.0F, 1.0F};
  return embeddings;
}

constexpr std::array<float, 2> kFirstAxis = {7.0F, 0.0F};  // not of length one: classify() normalises

TEST(Classifier, RanksByCosineAndSoftmaxesTheScaledOnes) {
  const auto predictions =
      ZeroShotClassifier(three_directions(), 10.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 3);
  ASSERT_EQ(predictions.size(), 3U);
  EXPECT_EQ(predictions[0].label_index, 0U);
  EXPECT_EQ(predictions[1].label_index, 1U);
  EXPECT_EQ(predictions[2].label_index, 2U);
  EXPECT_FLOAT_EQ(predictions[0].similarity, 1.0F);
  EXPECT_FLOAT_EQ(predictions[1].similarity, 0.5F);
  EXPECT_FLOAT_EQ(predictions[2].similarity, 0.0F);
  const double sum = std::exp(10.0) + std::exp(5.0) + std::exp(0.0);
  EXPECT_NEAR(predictions[0].score, std::exp(10.0) / sum, 1e-12);
  EXPECT_NEAR(predictions[1].score, std::exp(5.0) / sum, 1e-12);
}

TEST(Classifier, SoftmaxIsOverAllLabelsNotOverTheTopK) {
  const auto predictions =
      ZeroShotClassifier(three_directions(), 1.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 1);
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_NEAR(predictions[0].score, std::exp(1.0) / (std::exp(1.0) + std::exp(0.5) + 1.0), 1e-7);
}

TEST(Classifier, ReturnsAllLabelsWhenTopKIsLarger) {
  EXPECT_EQ(
      ZeroShotClassifier(three_directions(), 1.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 100).size(),
      3U);
}

TEST(Classifier, AHugeScaleDoesNotOverflow) {
  const auto predictions =
      ZeroShotClassifier(three_directions(), 1e6, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 2);
  EXPECT_EQ(predictions[0].score, 1.0);
  EXPECT_EQ(predictions[1].score, 0.0);
}

TEST(Classifier, SigmoidUsesScaleAndBias) {
  const auto predictions =
      ZeroShotClassifier(three_directions(), 4.0, -3.0, ScoreKind::kSigmoid).classify(kFirstAxis, 2);
  EXPECT_NEAR(predictions[0].score, 1 / (1 + std::exp(-1.0)), 1e-7);
  EXPECT_NEAR(predictions[1].score, 1 / (1 + std::exp(1.0)), 1e-7);
}

TEST(Classifier, CosineScoreIsTheSimilarity) {
  const auto predictions =
      ZeroShotClassifier(three_directions(), 100.0, 0.0, ScoreKind::kCosine).classify(kFirstAxis, 3);
  ASSERT_EQ(predictions.size(), 3U);
  for (const RankedAnswer& prediction : predictions)
    EXPECT_FLOAT_EQ(static_cast<float>(prediction.score), prediction.similarity);
}

TEST(Classifier, EqualLogitsKeepTheOrderOfTheLabels) {
  Matrix same(4, 1);
  same.values.assign(4, 1.0F);
  const auto predictions =
      ZeroShotClassifier(same, 1.0, 0.0, ScoreKind::kSoftmax).classify(std::array{2.0F}, 3);
  ASSERT_EQ(predictions.size(), 3U);
  for (std::size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(predictions[rank].label_index, rank);
}

TEST(Classifier, SeveralImagesGiveTheBitsOfEachAlone) {
  constexpr std::size_t kNumImages = 71;  // not a multiple of any block
  for (const std::size_t embed_dim : {1U, 3U, 8U, 30U, 64U}) {
    Matrix labels(37, embed_dim);
    Matrix images(kNumImages, embed_dim);
    std::uint32_t state = 1;
    for (Matrix* matrix : {&labels, &images}) {
      for (float& value : matrix->values) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8U) / 8388608.0F - 1.0F;
      }
    }
    for (std::size_t row = 0; row < labels.rows; ++row) normalize_l2(labels.row(row));
    const ZeroShotClassifier classifier(labels, 100.0, 0.0, ScoreKind::kSoftmax);
    const auto together = classifier.classify(images.values, kNumImages, 7);
    ASSERT_EQ(together.size(), kNumImages);
    for (std::size_t image = 0; image < kNumImages; ++image) {
      const auto alone = classifier.classify(images.row(image), 7);
      ASSERT_EQ(together[image].size(), 7U);
      for (std::size_t rank = 0; rank < 7; ++rank) {
        EXPECT_EQ(together[image][rank].label_index, alone[rank].label_index);
        EXPECT_EQ(together[image][rank].score, alone[rank].score);
        EXPECT_EQ(together[image][rank].similarity, alone[rank].similarity);
      }
      const std::span<const float> best = labels.row(alone[0].label_index);
      const double norm = std::sqrt(std::inner_product(images.row(image).begin(), images.row(image).end(),
                                                       images.row(image).begin(), 0.0));
      EXPECT_NEAR(alone[0].similarity,
                  std::inner_product(best.begin(), best.end(), images.row(image).begin(), 0.0) / norm, 1e-6);
    }
  }
}

TEST(Classifier, NoImagesGiveNoPredictions) {
  EXPECT_TRUE(
      ZeroShotClassifier(three_directions(), 1.0, 0.0, ScoreKind::kSoftmax).classify({}, 0, 5).empty());
}

TEST(Classifier, PoolsTheRowsOfAnAnswer) {
  ScoreRule rule;
  rule.logit_scale = 2;
  rule.answer_of_row = {0, 1, 1};
  const auto predictions = ZeroShotClassifier(three_directions(), rule).classify(kFirstAxis, 9);
  ASSERT_EQ(predictions.size(), 2U);
  const double sum = std::exp(2.0) + std::exp(1.0) + std::exp(0.0);
  EXPECT_NEAR(predictions[0].score, std::exp(2.0) / sum, 1e-7);
  EXPECT_NEAR(predictions[1].score, (std::exp(1.0) + std::exp(0.0)) / sum, 1e-7);
  EXPECT_FLOAT_EQ(predictions[1].similarity, 0.5F);
  rule.kind = ScoreKind::kSigmoid;
  EXPECT_NEAR(ZeroShotClassifier(three_directions(), rule).classify(kFirstAxis, 9)[1].score,
              1 / (1 + std::exp(-1.0)), 1e-7);
}

TEST(Classifier, APooledAnswerMayWinWithTheFartherRows) {
  Matrix embeddings(3, 2);
  embeddings.values = {1.0F, 0.0F, 0.98F, 0.19899748F, 0.98F, -0.19899748F};
  ScoreRule rule;
  rule.answer_of_row = {0, 1, 1};
  const auto predictions = ZeroShotClassifier(embeddings, rule).classify(kFirstAxis, 1);
  EXPECT_EQ(predictions[0].label_index, 1U);
}

TEST(Classifier, HoldsLabelsAgainstTheirReferences) {
  ScoreRule rule;
  rule.kind = ScoreKind::kMultiLabel;
  rule.logit_scale = 10;
  rule.answer_of_row = {0, 1};
  rule.references = {{2, 0}, {std::nullopt, 0.5}};
  rule.threshold = 0.5;
  const auto predictions = ZeroShotClassifier(three_directions(), rule).classify(kFirstAxis, 9);
  ASSERT_EQ(predictions.size(), 2U);  // at its threshold a label is kept
  EXPECT_NEAR(predictions[0].score, 1 / (1 + std::exp(-10.0)), 1e-7);
  EXPECT_NEAR(predictions[1].score, 0.5, 1e-6);
}

TEST(Classifier, NormsAndBiasesMoveLogitsNotSimilarities) {
  ScoreRule rule;
  rule.row_norms = {1, 3, 1};
  rule.row_biases = {0, 0, 2};
  rule.threshold = 0.25;
  const auto predictions = ZeroShotClassifier(three_directions(), rule).classify(kFirstAxis, 9);
  const double sum = std::exp(1.0) + std::exp(1.5) + std::exp(2.0);
  ASSERT_EQ(predictions.size(), 2U);  // exp(1) / sum is below the threshold
  EXPECT_EQ(predictions[0].label_index, 2U);
  EXPECT_FLOAT_EQ(predictions[0].similarity, 0.0F);
  EXPECT_NEAR(predictions[0].score, std::exp(2.0) / sum, 1e-6);
  EXPECT_NEAR(predictions[1].score, std::exp(1.5) / sum, 1e-6);
  EXPECT_FLOAT_EQ(predictions[1].similarity, 0.5F);
}

}  // namespace
}  // namespace clipcls
