#include "evaluation/statistics/fit_temperature.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace clipcls {
namespace {

using Flags = std::vector<std::uint8_t>;

TEST(FitTemperature, GivesTheShareThatIsRight) {
  // Two labels whose logits differ by 4; three of four images are right, so sigmoid(4 / T) should be 3/4.
  const std::vector<double> logits = {4, 0, 4, 0, 4, 0, 0, 4};
  const std::vector<std::size_t> targets = {0, 0, 0, 0};
  const TemperatureFit fit = fit_temperature(logits, targets, CalibrationLoss::kSoftmax);
  EXPECT_NEAR(fit.temperature, 4 / std::log(3.0), 1e-7);
  EXPECT_NEAR(fit.loss_after, -0.75 * std::log(0.75) - 0.25 * std::log(0.25), 1e-12);
  EXPECT_LT(fit.loss_after, fit.loss_before);
  EXPECT_FALSE(fit.is_at_limit);
}

TEST(FitTemperature, HasLimits) {
  const std::vector<std::size_t> targets = {0};
  const TemperatureFit sure = fit_temperature(std::vector<double>{2, 0}, targets, CalibrationLoss::kSoftmax);
  EXPECT_TRUE(sure.is_at_limit);
  EXPECT_DOUBLE_EQ(sure.temperature, kMinTemperature);
  const TemperatureFit wrong =
      fit_temperature(std::vector<double>{-2, 0}, targets, CalibrationLoss::kSoftmax);
  EXPECT_TRUE(wrong.is_at_limit);
  EXPECT_DOUBLE_EQ(wrong.temperature, kMaxTemperature);
}

TEST(FitTemperature, SurvivesHugeLogits) {
  const std::vector<double> logits = {1e5, 0, 0, 1e5, 0, 1e5};
  const std::vector<std::size_t> targets = {0, 0, 1};
  const TemperatureFit fit = fit_temperature(logits, targets, CalibrationLoss::kSigmoid);
  EXPECT_TRUE(std::isfinite(fit.loss_before));
  EXPECT_TRUE(std::isfinite(fit.loss_after));
}

TEST(FitThreshold, LiesMidwayAndOfEqualOnesTheHighestIsTaken) {
  // Taking one gives F1 = 2/3, taking three of four (two hits) 4/5.
  const auto fit = fit_threshold(std::vector<double>{0.9, 0.5, 0.7, 0.1}, Flags{1, 1, 0, 0});
  ASSERT_TRUE(fit);
  EXPECT_DOUBLE_EQ(fit->f1, 0.8);
  EXPECT_DOUBLE_EQ(fit->threshold, 0.3);
  // Both "the first" and "the first four" have F1 = 2/3.
  const auto tied = fit_threshold(std::vector<double>{4, 3, 2, 1, 0}, Flags{1, 0, 0, 1, 0});
  EXPECT_DOUBLE_EQ(tied->f1, 2.0 / 3);
  EXPECT_DOUBLE_EQ(tied->threshold, 3.5);
}

TEST(FitThreshold, CannotPartEqualSimilarities) {
  const auto fit = fit_threshold(std::vector<double>{0.5, 0.5, 0.5}, Flags{0, 1, 0});
  EXPECT_DOUBLE_EQ(fit->threshold, 0.5);
  EXPECT_DOUBLE_EQ(fit->precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(fit->recall, 1.0);
  EXPECT_FALSE(fit_threshold(std::vector<double>{0.5}, Flags{0}));
}

}  // namespace
}  // namespace clipcls
