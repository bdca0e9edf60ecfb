#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "evaluation/evaluation.h"
#include "evaluation/labelled_features.h"
#include "evaluation/labelled_images.h"
#include "model/precision.h"
#include "zero_shot/classifier.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// A set of labels, templates and model that is to be measured.
struct EvaluationRun {
  std::string name;
  LabelRequest labels;
  std::vector<std::size_t> label_of_class;  ///< [num_classes of the images]
  std::filesystem::path model;
  LoadOptions load;
};

/// A run's figures, and which images it got right.
struct MeasuredRun {
  EvaluatedRun figures;
  std::vector<std::uint8_t> is_correct;  ///< [number of rows]
};

/// The answer that is right for each row of `features`: [num_rows].
std::vector<std::size_t> targets_of(const EvaluationRun& run, const LabelledImages& images,
                                    const LabelledFeatures& features);

/// 0 to `features`' last row.
std::vector<std::size_t> all_rows(const LabelledFeatures& features);

/// What `classifier` makes of the images `rows` of `features`, whose `targets` are [num_rows of features]:
/// [number of rows].
std::vector<Outcome> classify_labelled(const ZeroShotClassifier& classifier, const LabelledFeatures& features,
                                       std::span<const std::size_t> rows,
                                       std::span<const std::size_t> targets);

/// Measures `run` on the images `rows` of `features`; lists `num_worst` mistakes. Throws as
/// make_classifier().
MeasuredRun measure_run(const EvaluationRun& run, ClipModel& model, const LabelEmbedding& embedding,
                        const LabelledImages& images, const LabelledFeatures& features,
                        std::span<const std::size_t> rows, std::size_t num_worst);

}  // namespace clipcls
