#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/embed_labels.h"
#include "cli/labelled_features.h"
#include "cli/labelled_images.h"
#include "clipcls/evaluation/metrics.h"
#include "clipcls/report/evaluation_report.h"
#include "clipcls/zero_shot/classifier.h"

namespace clipcls {

/// A set of labels, templates and model that is to be measured.
struct PlannedRun {
  std::string name;
  LabelOptions options;
  RankedLabels labels;
  std::vector<std::size_t> label_of_class;  ///< [num_classes of the images]
  std::filesystem::path model;
};

/// The flags' own run and those of --compare. Where no labels are given they are the images' classes. Throws
/// Error (kUsage, kLabels, kModel) for what is wrong before a model is loaded.
std::vector<PlannedRun> plan_runs(const EvalOptions& options, const LabelledImages& images);

/// The labels of `options`, else the classes of the images; and which of them each class is.
void collect_labels_for(const LabelledImages& images, const std::string& source, PlannedRun& run);

/// What `classifier` makes of the images `rows` of `features`: [number of rows].
std::vector<Outcome> classify_labelled(const Classifier& classifier, const LabelledFeatures& features,
                                       const std::vector<std::size_t>& rows, const LabelledImages& images,
                                       const std::vector<std::size_t>& label_of_class);

}  // namespace clipcls
