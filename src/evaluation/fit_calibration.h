#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "evaluation/evaluation_runs.h"
#include "evaluation/statistics/fit_temperature.h"
#include "zero_shot/calibration_file.h"

namespace clipcls {

/// A calibration, and how well it fits the images that it was fitted to.
struct FittedCalibration {
  Calibration calibration;
  std::size_t num_images = 0;
  TemperatureFit temperature;
  double error_before = 0;  ///< calibration error at temperature 1
  double error_after = 0;
  std::vector<std::optional<ThresholdFit>> thresholds;  ///< [num_labels]; none: no image shows the label
};

/// Fits temperature and thresholds of `classifier`, which make_classifier() made of `run`, to `features`.
FittedCalibration fit_calibration(const EvaluationRun& run, const ZeroShotClassifier& classifier,
                                  const LabelledImages& images, const LabelledFeatures& features,
                                  ClipModel& model, const LabelEmbedding& embedding);

}  // namespace clipcls
