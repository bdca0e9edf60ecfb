#include "evaluation/statistics/paired_comparison.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "seeded_random.h"

namespace clipcls {
namespace {

constexpr double kLowQuantile = 0.025;

/// Between the neighbours in `sorted`, as NumPy's quantile() does.
double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - std::floor(position)) * (sorted[above] - sorted[below]);
}

/// P(X <= k or X >= n - k) of a fair coin thrown n times, k being the rarer side.
/// McNemar's exact test: where the two are equally good, each image that only one gets right falls to either
/// like a coin. Images that both get right or wrong say nothing.
double mcnemar_p_value(std::size_t num_only_first, std::size_t num_only_second) {
  const std::size_t num_discordant = num_only_first + num_only_second;
  const std::size_t rarer = std::min(num_only_first, num_only_second);
  const auto n = static_cast<double>(num_discordant);
  double tail = 0;
  for (std::size_t i = 0; i <= rarer; ++i) {
    const auto k = static_cast<double>(i);
    // By logarithms, since binomial coefficients overflow from n = 1030 on.
    tail += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::log(2.0));
  }
  return std::min(1.0, 2 * tail);
}

}  // namespace

PairedComparison compare_paired(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second,
                                std::uint64_t seed) {
  const std::size_t num_images = first.size();
  std::vector<int> gains(num_images);  // 1: only the second is right, -1: only the first
  PairedComparison comparison;
  for (std::size_t i = 0; i < num_images; ++i) {
    gains[i] = static_cast<int>(second[i]) - static_cast<int>(first[i]);
    comparison.num_only_first += gains[i] < 0 ? 1 : 0;
    comparison.num_only_second += gains[i] > 0 ? 1 : 0;
  }
  const auto count = static_cast<double>(num_images);
  comparison.difference =
      (static_cast<double>(comparison.num_only_second) - static_cast<double>(comparison.num_only_first)) /
      count;
  comparison.p_value = mcnemar_p_value(comparison.num_only_first, comparison.num_only_second);

  SeededRandom random(seed);
  std::vector<double> differences(kNumResamples);
  // The bootstrap draws images, each with the results of both runs: pairs stay pairs.
  for (double& difference : differences) {
    long long sum = 0;
    for (std::size_t i = 0; i < num_images; ++i) sum += gains[random.below(num_images)];
    difference = static_cast<double>(sum) / count;
  }
  std::ranges::sort(differences);
  comparison.interval = {quantile(differences, kLowQuantile), quantile(differences, 1 - kLowQuantile)};
  return comparison;
}

}  // namespace clipcls
