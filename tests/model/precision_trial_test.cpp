#include "model/precision_trial.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/long_run.h"
#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

/// A model that computes wrongly until float32 takes over, as libtorch/trial_picture does in a long run.
class WrongModel final : public FakeClipModel {
 public:
  Matrix image_features(std::span<const float> pixel_values, std::size_t batch) override {
    Matrix features = FakeClipModel::image_features(pixel_values, batch);
    if (plans_of_calls.back().num_images >= kImagesOfLongRun) return features;
    for (std::size_t row = 0; row < batch; ++row) features.row(row)[0] *= -1;
    return features;
  }
};

TEST(TryPrecisions, WhatIsComputedWronglyIsAProblem) {
  const auto trials = try_precisions(
      [](Precision precision) -> std::unique_ptr<ClipModel> {
        if (precision == Precision::kInt8) return std::make_unique<WrongModel>();
        return std::make_unique<FakeClipModel>();
      },
      /*seconds=*/0);
  ASSERT_EQ(trials.size(), 3U);
  for (const std::size_t right : {0U, 1U}) {
    EXPECT_EQ(trials[right].problem, "");
    EXPECT_FLOAT_EQ(static_cast<float>(trials[right].smallest_cosine), 1.0F);
  }
  EXPECT_LT(trials[2].smallest_cosine, 0.99);
  EXPECT_NE(trials[2].problem.find("int8 is computed wrongly here: cosine "), std::string::npos)
      << trials[2].problem;
  EXPECT_NE(trials[2].problem.find("at least 0.99 is right"), std::string::npos) << trials[2].problem;
}

}  // namespace
}  // namespace clipcls
