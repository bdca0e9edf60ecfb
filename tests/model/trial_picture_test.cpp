#include "model/libtorch/trial_picture.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace clipcls {
namespace {

constexpr std::size_t kEmbedDim = 4;

/// Mean values of a picture's rows, times those numbers: a processor that computes wrongly has others.
class RowMeans final : public EncoderNetwork {
 public:
  explicit RowMeans(std::vector<float> factors) : factors_(torch::tensor(factors)) {}

  torch::Tensor forward(const torch::Tensor& pixel_values) override {
    return pixel_values.mean({1, 3}) * factors_;
  }
  NetworkOptimization optimize(int /*weight_bits*/, bool /*copies_weights*/) override { return {}; }
  bool has_convolutions() const override { return false; }

 private:
  torch::Tensor factors_;
};

Encoder encoder_of(std::vector<float> factors) {
  return {std::make_unique<RowMeans>(std::move(factors)), "weights", kEmbedDim, torch::kFloat, torch::kCPU};
}

const std::vector<float> kRight = {1, 1, 1, 1};
const std::vector<float> kRounded = {1, 1.01F, 1, 0.99F};
const std::vector<float> kWrong = {1, 1, -1, 1};

class TrialPictureTest : public testing::Test {
 protected:
  /// Features of a picture after the trial, where the reduced encoder has these factors.
  Matrix features_of(const std::vector<float>& factors, Precision precision) {
    SharedEncoder encoder([&] { return encoder_of(factors); });
    encoder.load();
    TrialPicture trial(
        [&] {
          ++num_exact_;
          return encoder_of(kRight);
        },
        precision, [&](const std::string& message) { messages_.push_back(message); });
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 3; ++thread)
      threads.emplace_back([&] { trial.try_once(encoder, picture_, {}); });
    threads.clear();
    note_ = encoder.state("image encoder")->details;
    return encoder.use([&](Encoder& used) { return used.encode(picture_); });
  }

  torch::Tensor picture_ = torch::arange(48, torch::kFloat).reshape({1, 3, 4, 4});
  int num_exact_ = 0;
  std::vector<std::string> messages_;
  std::string note_;
};

TEST_F(TrialPictureTest, RoundingIsNoReason) {
  const Matrix features = features_of(kRounded, Precision::kInt8);
  EXPECT_EQ(messages_, std::vector<std::string>());
  EXPECT_NE(features.values, features_of(kRight, Precision::kInt8).values);
}

TEST_F(TrialPictureTest, WrongFeaturesBecomeThoseOfFloat32) {
  const Matrix features = features_of(kWrong, Precision::kInt8);
  ASSERT_EQ(messages_.size(), 1U);
  EXPECT_NE(messages_[0].find("fp32 instead of int8, which this machine computes wrongly (cosine 0."),
            std::string::npos)
      << messages_[0];
  EXPECT_NE(messages_[0].find("at least 0.99 is right"), std::string::npos) << messages_[0];
  EXPECT_NE(note_.find(messages_[0]), std::string::npos) << note_;
  EXPECT_EQ(features.values, features_of(kRight, Precision::kInt8).values);
}

TEST_F(TrialPictureTest, HappensOnce) {
  features_of(kWrong, Precision::kBfloat16);
  EXPECT_EQ(num_exact_, 1);
}

TEST_F(TrialPictureTest, WhatCannotBeComputedIsWrong) {
  const Matrix features =
      features_of({1, 1, std::numeric_limits<float>::infinity(), 1}, Precision::kBfloat16);
  EXPECT_EQ(messages_.size(), 1U);
  EXPECT_EQ(features.values, features_of(kRight, Precision::kBfloat16).values);
}

}  // namespace
}  // namespace clipcls
