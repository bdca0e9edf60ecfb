#include "evaluation/statistics/metrics.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(Metrics, CountClassesThatHaveNoImagesOrNoPredictions) {
  // Class 0: right, and taken for 2; class 1: taken for 0; class 2 has no images.
  const std::vector<Outcome> outcomes = {{0, 0, 0, 0.9}, {0, 2, 1, 0.8}, {1, 0, 5, 0.7}};
  const Metrics metrics = compute_metrics(outcomes, 3, true);
  EXPECT_DOUBLE_EQ(metrics.top1, 1.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.top5, 2.0 / 3);
  EXPECT_DOUBLE_EQ(metrics.mean_per_class, 0.25);  // of the two classes that have images
  EXPECT_EQ(metrics.confusion, (std::vector<std::size_t>{1, 0, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(metrics.classes[0].recall, 0.5);
  EXPECT_EQ(metrics.classes[0].precision, 0.5);
  EXPECT_EQ(metrics.classes[1].recall, 0.0);
  EXPECT_FALSE(metrics.classes[1].precision);
  EXPECT_FALSE(metrics.classes[2].recall);
  EXPECT_EQ(metrics.classes[2].precision, 0.0);
}

TEST(Metrics, ABinHasItsUpperEnd) {
  const double third = 5.0 / kNumReliabilityBins;
  const Metrics metrics =
      compute_metrics(std::vector<Outcome>{{0, 0, 0, third}, {0, 0, 0, 0.0}, {0, 0, 0, 1.0}}, 1, true);
  EXPECT_EQ(metrics.bins[4].num_images, 1U);
  EXPECT_EQ(metrics.bins[0].num_images, 1U);
  EXPECT_EQ(metrics.bins[kNumReliabilityBins - 1].num_images, 1U);
  EXPECT_NEAR(*metrics.calibration_error, (1 - third + 1 + 0) / 3, 1e-12);
}

TEST(Metrics, ACosineIsNotCalibrated) {
  const Metrics metrics = compute_metrics(std::vector<Outcome>{{0, 0, 0, -0.2}}, 1, false);
  EXPECT_FALSE(metrics.calibration_error);
  EXPECT_TRUE(metrics.bins.empty());
  ASSERT_EQ(metrics.coverage.size(), 1U);
  EXPECT_EQ(metrics.coverage[0].threshold, -0.2);
}

TEST(Metrics, EqualConfidencesAreOnePointOfTheCoverage) {
  const Metrics metrics = compute_metrics(
      std::vector<Outcome>{{0, 1, 1, 0.5}, {0, 0, 0, 0.9}, {1, 1, 0, 0.5}, {1, 0, 1, 0.1}}, 2, true);
  ASSERT_EQ(metrics.coverage.size(), 3U);
  EXPECT_EQ(metrics.coverage[0].coverage, 0.25);
  EXPECT_EQ(metrics.coverage[0].accuracy, 1.0);
  EXPECT_EQ(metrics.coverage[1].coverage, 0.75);
  EXPECT_DOUBLE_EQ(metrics.coverage[1].accuracy, 2.0 / 3);
  EXPECT_EQ(metrics.coverage[2].accuracy, 0.5);
}

TEST(WilsonInterval, StaysWithinZeroAndOne) {
  EXPECT_EQ(wilson_interval(0, 10).low, 0.0);
  EXPECT_NEAR(wilson_interval(0, 10).high, 0.2775, 1e-4);
  EXPECT_NEAR(wilson_interval(10, 10).high, 1.0, 1e-12);
  EXPECT_NEAR(wilson_interval(81, 263).low, 0.2553, 1e-4);  // Newcombe 1998, table I
  EXPECT_NEAR(wilson_interval(81, 263).high, 0.3662, 1e-4);
}

}  // namespace
}  // namespace clipcls
