#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "evaluation/statistics/metrics.h"

namespace clipcls {

/// How much more often the second of two classifiers is right on the same images.
struct PairedComparison {
  double difference = 0;           ///< accuracy of the second less that of the first
  Interval interval;               ///< 95 % confidence interval of it, by the bootstrap
  std::size_t num_only_first = 0;  ///< images that only the first gets right
  std::size_t num_only_second = 0;
  double p_value = 1;  ///< of McNemar's exact test, two-sided: that both are equally good
};

inline constexpr std::size_t kNumResamples = 10000;

/// `first`, `second`: [num_images], 1 where the image was classified rightly. The interval is the percentile
/// interval (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3) of kNumResamples resamples of the
/// images with replacement; equal seeds give equal ones on every machine.
PairedComparison compare_paired(std::span<const std::uint8_t> first, std::span<const std::uint8_t> second,
                                std::uint64_t seed);

}  // namespace clipcls
