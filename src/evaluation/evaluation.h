#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/statistics/metrics.h"
#include "evaluation/statistics/paired_comparison.h"
#include "zero_shot/classifier.h"

namespace clipcls {

/// An image that was taken for another class.
struct Mistake {
  std::string path;
  std::size_t target = 0;
  std::size_t predicted = 0;
  double confidence = 0;
};

/// What one set of labels, templates and model makes of the images.
struct EvaluatedRun {
  std::string name;
  std::string model;
  std::string precision;
  std::string resize_mode;  ///< of the images; empty: not known
  ScoreKind score_kind = ScoreKind::kSoftmax;
  std::vector<std::string> class_names;  ///< of all answers
  Metrics metrics;
  std::vector<Mistake> worst;                 ///< the most confident first
  std::optional<CoveragePoint> at_threshold;  ///< at the threshold, if one was given
  std::optional<PairedComparison> against_first;
};

struct Evaluation {
  std::string source;          ///< the folder or CSV file
  std::size_t num_failed = 0;  ///< images that could not be read
  std::vector<std::string>
      training;  ///< images that taught few-shot labels and are not among the tested ones
  std::uint64_t seed = 0;
  std::vector<EvaluatedRun> runs;  ///< at least one
};

}  // namespace clipcls
