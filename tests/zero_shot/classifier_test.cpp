#include "clipcls/zero_shot/classifier.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>

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
      Classifier(three_directions(), 10.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 3);
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
      Classifier(three_directions(), 1.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 1);
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_NEAR(predictions[0].score, std::exp(1.0) / (std::exp(1.0) + std::exp(0.5) + 1.0), 1e-7);
}

TEST(Classifier, ReturnsAllLabelsWhenTopKIsLarger) {
  EXPECT_EQ(Classifier(three_directions(), 1.0, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 100).size(),
            3U);
}

TEST(Classifier, AHugeScaleDoesNotOverflow) {
  const auto predictions =
      Classifier(three_directions(), 1e6, 0.0, ScoreKind::kSoftmax).classify(kFirstAxis, 2);
  EXPECT_EQ(predictions[0].score, 1.0);
  EXPECT_EQ(predictions[1].score, 0.0);
}

TEST(Classifier, SigmoidUsesScaleAndBias) {
  const auto predictions =
      Classifier(three_directions(), 4.0, -3.0, ScoreKind::kSigmoid).classify(kFirstAxis, 2);
  EXPECT_NEAR(predictions[0].score, 1 / (1 + std::exp(-1.0)), 1e-7);
  EXPECT_NEAR(predictions[1].score, 1 / (1 + std::exp(1.0)), 1e-7);
}

TEST(Classifier, CosineScoreIsTheSimilarity) {
  const auto predictions =
      Classifier(three_directions(), 100.0, 0.0, ScoreKind::kCosine).classify(kFirstAxis, 3);
  for (const Prediction& prediction : predictions)
    EXPECT_FLOAT_EQ(static_cast<float>(prediction.score), prediction.similarity);
}

TEST(Classifier, EqualLogitsKeepTheOrderOfTheLabels) {
  Matrix same(4, 1);
  same.values.assign(4, 1.0F);
  const auto predictions = Classifier(same, 1.0, 0.0, ScoreKind::kSoftmax).classify(std::array{2.0F}, 3);
  for (std::size_t rank = 0; rank < 3; ++rank) EXPECT_EQ(predictions[rank].label_index, rank);
}

}  // namespace
}  // namespace clipcls
