// Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"): one number that divides
// all logits, fitted to the negative log-likelihood. The ranking stays; only the confidence changes.
#include "evaluation/statistics/fit_temperature.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace clipcls {
namespace {

constexpr double kTolerance = 1e-9;

struct LossAndSlope {
  double loss = 0;
  double slope = 0;  ///< of the loss by 1/T
};

LossAndSlope softmax_loss(std::span<const double> logits, std::size_t target, double inverse) {
  const double max_logit = std::ranges::max(logits);
  double sum = 0;
  double weighted = 0;
  for (const double logit : logits) {
    // The largest is taken off, so that nothing overflows; it cancels out of both results.
    const double weight = std::exp(inverse * (logit - max_logit));
    sum += weight;
    weighted += weight * logit;
  }
  // The negative log-likelihood of the target. Its slope by 1/T: the mean logit under the softmax, less the
  // target's.
  return {std::log(sum) - inverse * (logits[target] - max_logit), weighted / sum - logits[target]};
}

LossAndSlope sigmoid_loss(std::span<const double> logits, std::size_t target, double inverse) {
  LossAndSlope total;
  for (std::size_t label = 0; label < logits.size(); ++label) {
    const double margin = label == target ? logits[label] : -logits[label];
    const double scaled = inverse * margin;
    // log(1 + exp(-x)) and its derivative, without overflow on either side
    total.loss += std::max(0.0, -scaled) + std::log1p(std::exp(-std::abs(scaled)));
    total.slope -= margin / (1 + std::exp(scaled));
  }
  const auto count = static_cast<double>(logits.size());
  return {total.loss / count, total.slope / count};
}

}  // namespace

TemperatureFit fit_temperature(std::span<const double> logits, std::span<const std::size_t> targets,
                               CalibrationLoss loss) {
  const std::size_t num_labels = logits.size() / targets.size();
  const auto at = [&](double inverse) {
    LossAndSlope mean;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::span<const double> of_image = logits.subspan(i * num_labels, num_labels);
      const LossAndSlope part = loss == CalibrationLoss::kSoftmax
                                    ? softmax_loss(of_image, targets[i], inverse)
                                    : sigmoid_loss(of_image, targets[i], inverse);
      mean.loss += part.loss;
      mean.slope += part.slope;
    }
    const auto count = static_cast<double>(targets.size());
    return LossAndSlope{mean.loss / count, mean.slope / count};
  };

  TemperatureFit fit;
  fit.loss_before = at(1).loss;
  // In 1/T the loss is convex, so that its slope has one sign on each side of the minimum: bisection finds
  // it.
  double low = 1 / kMaxTemperature;
  double high = 1 / kMinTemperature;
  if (at(low).slope >= 0) {
    fit.is_at_limit = true;
    high = low;
  } else if (at(high).slope <= 0) {
    fit.is_at_limit = true;
    low = high;
  }
  while (high - low > kTolerance * low) {
    // The geometric mean halves a range of factors, as the arithmetic one does a range of differences.
    const double middle = std::sqrt(low * high);
    (at(middle).slope < 0 ? low : high) = middle;
  }
  const double inverse = (low + high) / 2;
  fit.temperature = 1 / inverse;
  fit.loss_after = at(inverse).loss;
  return fit;
}

std::optional<ThresholdFit> fit_threshold(std::span<const double> similarities,
                                          std::span<const std::uint8_t> is_positive) {
  const auto num_positive = static_cast<std::size_t>(
      std::ranges::count_if(is_positive, [](std::uint8_t flag) { return flag != 0; }));
  if (num_positive == 0) return std::nullopt;
  std::vector<std::size_t> order(similarities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [&](std::size_t i) { return similarities[i]; });

  // One pass from the highest similarity down: at each step all so far are taken for positive.
  std::optional<ThresholdFit> best;
  std::size_t num_hits = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    num_hits += is_positive[order[i]] != 0 ? 1 : 0;
    const double least = similarities[order[i]];
    const bool is_last = i + 1 == order.size();
    // Equal similarities cannot be told apart by any threshold.
    if (!is_last && similarities[order[i + 1]] == least) continue;
    // 2 hits / (taken for positive + positive): the harmonic mean of precision and recall.
    const double f1 = 2 * static_cast<double>(num_hits) / static_cast<double>(i + 1 + num_positive);
    if (best && f1 <= best->f1) continue;
    // Halfway to the next one, as far from both as possible.
    const double threshold = is_last ? least : least + (similarities[order[i + 1]] - least) / 2;
    best = ThresholdFit{threshold, f1, static_cast<double>(num_hits) / static_cast<double>(i + 1),
                        static_cast<double>(num_hits) / static_cast<double>(num_positive)};
  }
  return best;
}

}  // namespace clipcls
