#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace clipcls {

/// What a classifier made of one image whose class is known. Classes are counted from 0.
struct Outcome {
  std::size_t target = 0;
  std::size_t predicted = 0;    ///< the answer with the highest score
  std::size_t target_rank = 0;  ///< answers that were ranked above the right one
  double confidence = 0;        ///< score of `predicted`

  bool is_correct() const { return target_rank == 0; }
};

struct Interval {
  double low = 0;
  double high = 0;
};

/// The figures of one class.
struct ClassMetrics {
  std::size_t num_images = 0;
  std::size_t num_predicted = 0;  ///< images of any class that were taken for it
  std::size_t num_correct = 0;
  std::optional<double> recall;     ///< num_correct / num_images; none without images
  std::optional<double> precision;  ///< num_correct / num_predicted; none where it was never predicted
};

/// Images whose confidence lies in one of kNumReliabilityBins equal parts of 0 to 1.
struct ReliabilityBin {
  std::size_t num_images = 0;
  double mean_confidence = 0;
  double accuracy = 0;
};

inline constexpr std::size_t kNumReliabilityBins = 15;

/// What is left of the images, and how many of them are right, when answers below `threshold` are left out.
struct CoveragePoint {
  double threshold = 0;
  double coverage = 0;  ///< share of the images whose confidence is `threshold` or more
  double accuracy = 0;  ///< of these
};

struct Metrics {
  std::size_t num_images = 0;
  double top1 = 0;  ///< share of the images whose class was ranked first
  Interval top1_interval;
  double top5 = 0;            ///< ranked among the first five
  double mean_per_class = 0;  ///< mean recall of the classes that have images
  /// Expected calibration error: Σ_bins (num_images / n) · |accuracy - mean_confidence| over
  /// kNumReliabilityBins bins of equal width, each with its upper end (Guo et al., On Calibration of Modern
  /// Neural Networks, 2017). None where scores are no probabilities.
  std::optional<double> calibration_error;
  std::vector<ClassMetrics> classes;    ///< [num_classes]
  std::vector<std::size_t> confusion;   ///< [num_classes, num_classes]: row the class, column the answer
  std::vector<ReliabilityBin> bins;     ///< [kNumReliabilityBins], or empty as calibration_error
  std::vector<CoveragePoint> coverage;  ///< one for each distinct confidence, highest first
};

/// `are_probabilities`: confidences lie between 0 and 1 and claim to be the chance of being right. There is
/// at least one outcome.
Metrics compute_metrics(std::span<const Outcome> outcomes, std::size_t num_classes, bool are_probabilities);

/// 95 % confidence interval of a share (Wilson's score interval).
Interval wilson_interval(std::size_t num_successes, std::size_t num_trials);

}  // namespace clipcls
