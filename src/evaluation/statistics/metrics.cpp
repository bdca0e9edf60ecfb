#include "evaluation/statistics/metrics.h"

#include <algorithm>
#include <cmath>

namespace clipcls {
namespace {

constexpr std::size_t kNumTop = 5;
constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975

double share(std::size_t part, std::size_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

void count_classes(Metrics& metrics) {
  std::size_t num_with_images = 0;
  for (ClassMetrics& of_class : metrics.classes) {
    if (of_class.num_predicted > 0) of_class.precision = share(of_class.num_correct, of_class.num_predicted);
    if (of_class.num_images == 0) continue;
    of_class.recall = share(of_class.num_correct, of_class.num_images);
    metrics.mean_per_class += *of_class.recall;
    ++num_with_images;
  }
  // Each class counts alike, however many pictures it has; classes without any do not count.
  metrics.mean_per_class /= static_cast<double>(num_with_images);
}

void measure_calibration(Metrics& metrics, std::span<const Outcome> outcomes) {
  metrics.bins.resize(kNumReliabilityBins);
  for (const Outcome& outcome : outcomes) {
    // Bins are open below and closed above, (0, 1/n], (1/n, 2/n], …, as Guo et al. 2017 have them.
    const double position = std::ceil(outcome.confidence * kNumReliabilityBins) - 1;
    ReliabilityBin& bin =
        metrics.bins[static_cast<std::size_t>(std::clamp(position, 0.0, kNumReliabilityBins - 1.0))];
    ++bin.num_images;
    bin.mean_confidence += outcome.confidence;
    bin.accuracy += outcome.is_correct() ? 1 : 0;
  }
  double error = 0;
  for (ReliabilityBin& bin : metrics.bins) {
    if (bin.num_images == 0) continue;
    bin.mean_confidence /= static_cast<double>(bin.num_images);
    bin.accuracy /= static_cast<double>(bin.num_images);
    error += share(bin.num_images, outcomes.size()) * std::abs(bin.accuracy - bin.mean_confidence);
  }
  metrics.calibration_error = error;
}

void trace_coverage(Metrics& metrics, std::span<const Outcome> outcomes) {
  std::vector<const Outcome*> sorted;
  for (const Outcome& outcome : outcomes) sorted.push_back(&outcome);
  // The most confident first: lowering the threshold adds one picture after the other.
  std::ranges::stable_sort(sorted, std::ranges::greater(), &Outcome::confidence);
  std::size_t num_correct = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    num_correct += sorted[i]->is_correct() ? 1 : 0;
    // No threshold separates equal confidences.
    if (i + 1 < sorted.size() && sorted[i + 1]->confidence == sorted[i]->confidence) continue;
    metrics.coverage.push_back(
        {sorted[i]->confidence, share(i + 1, sorted.size()), share(num_correct, i + 1)});
  }
}

}  // namespace

Metrics compute_metrics(std::span<const Outcome> outcomes, std::size_t num_classes, bool are_probabilities) {
  Metrics metrics;
  metrics.num_images = outcomes.size();
  metrics.classes.resize(num_classes);
  metrics.confusion.resize(num_classes * num_classes);
  std::size_t num_first = 0;
  std::size_t num_among_top = 0;
  for (const Outcome& outcome : outcomes) {
    num_first += outcome.is_correct() ? 1 : 0;
    num_among_top += outcome.target_rank < kNumTop ? 1 : 0;
    ++metrics.classes[outcome.target].num_images;
    ++metrics.classes[outcome.predicted].num_predicted;
    if (outcome.is_correct()) ++metrics.classes[outcome.target].num_correct;
    ++metrics.confusion[outcome.target * num_classes + outcome.predicted];
  }
  metrics.top1 = share(num_first, outcomes.size());
  metrics.top1_interval = wilson_interval(num_first, outcomes.size());
  metrics.top5 = share(num_among_top, outcomes.size());
  count_classes(metrics);
  if (are_probabilities) measure_calibration(metrics, outcomes);
  trace_coverage(metrics, outcomes);
  return metrics;
}

Interval wilson_interval(std::size_t num_successes, std::size_t num_trials) {
  const auto n = static_cast<double>(num_trials);
  const double p = static_cast<double>(num_successes) / n;
  const double z2 = kNormalQuantile * kNormalQuantile;
  // Wilson's score interval: unlike p ± z sqrt(p (1 - p) / n) it is right for few images and for shares near
  // 1.
  const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormalQuantile * std::sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

}  // namespace clipcls
