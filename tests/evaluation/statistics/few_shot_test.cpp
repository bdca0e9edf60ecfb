#include "evaluation/statistics/few_shot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace clipcls {
namespace {

TEST(SplitExamples, TakesAsManyOfEachClassAndLeavesTheRest) {
  std::vector<std::size_t> targets;
  for (std::size_t i = 0; i < 30; ++i) targets.push_back(i % 3);
  const ExampleSplit split = split_examples(targets, 4, 4, 11);
  EXPECT_EQ(split.training.size(), 12U);
  EXPECT_EQ(split.test.size(), 18U);
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_EQ(std::ranges::count_if(split.training, [&](std::size_t i) { return targets[i] == c; }), 4);
  std::vector<std::size_t> all = split.training;
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::ranges::sort(all);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i);
  EXPECT_TRUE(std::ranges::is_sorted(split.training));
  EXPECT_EQ(split_examples(targets, 4, 4, 11).training, split.training);
  EXPECT_NE(split_examples(targets, 4, 4, 12).training, split.training);
}

TEST(SplitExamples, EachImageMayBeDrawn) {
  const std::vector<std::size_t> targets(5);
  std::vector<int> counts(5);
  for (std::uint64_t seed = 0; seed < 200; ++seed) ++counts[split_examples(targets, 1, 1, seed).training[0]];
  for (const int count : counts) EXPECT_NEAR(count, 40, 25);
}

TEST(ClassMeans, AreOfLengthOne) {
  Matrix features(3, 2);
  features.values = {1, 0, 0, 1, 0.6F, 0.8F};
  const Matrix means = class_means(features, std::vector<std::size_t>{0, 0, 2}, 3);
  EXPECT_FLOAT_EQ(means.row(0)[0], std::sqrt(0.5F));
  EXPECT_FLOAT_EQ(means.row(0)[1], std::sqrt(0.5F));
  EXPECT_EQ(means.row(1)[0], 0);
  EXPECT_FLOAT_EQ(means.row(2)[1], 0.8F);
}

/// The objective of the probe, written down once more.
double objective(const LinearProbe& probe, const Matrix& features, const std::vector<std::size_t>& targets,
                 double inverse_penalty) {
  double value = 0;
  for (const double weight : probe.weights) value += weight * weight / 2;
  for (std::size_t i = 0; i < features.rows; ++i) {
    std::vector<double> logits = probe.biases;
    double sum = 0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
      for (std::size_t j = 0; j < features.cols; ++j)
        logits[c] += probe.weights[c * features.cols + j] * static_cast<double>(features.row(i)[j]);
      sum += std::exp(logits[c]);
    }
    value += inverse_penalty * (std::log(sum) - logits[targets[i]]);
  }
  return value;
}

TEST(LinearProbe, IsAMinimumInEveryDirection) {
  Matrix features(12, 3);
  for (std::size_t i = 0; i < features.values.size(); ++i)
    features.values[i] = static_cast<float>(std::sin(static_cast<double>(i * i)));
  const std::vector<std::size_t> targets = {0, 1, 2, 3, 0, 1, 2, 3, 0, 0, 2, 1};
  for (const double inverse_penalty : {0.1, 10.0, 1000.0}) {
    const LinearProbe probe = fit_linear_probe(features, targets, 4, inverse_penalty);
    const double least = objective(probe, features, targets, inverse_penalty);
    for (std::size_t i = 0; i < probe.weights.size() + probe.biases.size(); ++i) {
      for (const double step : {-1e-3, 1e-3}) {
        LinearProbe moved = probe;
        (i < probe.weights.size() ? moved.weights[i] : moved.biases[i - probe.weights.size()]) += step;
        EXPECT_GT(objective(moved, features, targets, inverse_penalty), least);
      }
    }
    EXPECT_NEAR(probe.biases[0] + probe.biases[1] + probe.biases[2] + probe.biases[3], 0, 1e-9);
  }
}

}  // namespace
}  // namespace clipcls
