#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace clipcls {

/// What a temperature is fitted to.
enum class CalibrationLoss {
  kSoftmax,  ///< mean over the images of -log softmax(logits / T)[target]
  kSigmoid,  ///< mean over images and labels of -log sigmoid(±logit / T), + where the label is the target
};

struct TemperatureFit {
  double temperature = 1;
  double loss_before = 0;  ///< at temperature 1
  double loss_after = 0;
  /// The loss falls all the way to the end of the range kMinTemperature to kMaxTemperature, and the
  /// temperature is that end: every image is ranked rightly, or the scores say nothing.
  bool is_at_limit = false;
};

inline constexpr double kMinTemperature = 0.01;
inline constexpr double kMaxTemperature = 100;

/// The temperature with the least loss, to a relative 1e-9: the loss is convex in 1/T, and the zero of its
/// derivative is bracketed. `logits`: [num_images, num_labels]; `targets`: [num_images], at least one.
TemperatureFit fit_temperature(std::span<const double> logits, std::span<const std::size_t> targets,
                               CalibrationLoss loss);

struct ThresholdFit {
  double threshold = 0;
  double f1 = 0;  ///< of "similarity >= threshold" on the images it was fitted to
  double precision = 0;
  double recall = 0;
};

/// The threshold with the largest F1 = 2 · precision · recall / (precision + recall). It lies midway between
/// the least similarity that is taken and the largest that is not; where all are taken it is the least one.
/// The threshold with the best F1; among equal ones, the highest. None where no image is positive.
/// `similarities`, `is_positive`: [num_images]
std::optional<ThresholdFit> fit_threshold(std::span<const double> similarities,
                                          std::span<const std::uint8_t> is_positive);

}  // namespace clipcls
