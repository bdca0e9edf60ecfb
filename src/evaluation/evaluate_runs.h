#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/on_message.h"
#include "evaluation/evaluation.h"
#include "evaluation/evaluation_runs.h"
#include "evaluation/few_shot_labels.h"

namespace clipcls {

struct EvaluationOptions {
  std::string source{};          ///< of the images, for the report
  std::string feature_folder{};  ///< in place of encoding the images; empty: none
  EncodeOptions encode{};
  FewShotOptions few_shot{};
  std::uint64_t seed = 0;      ///< of the examples' choice and of the bootstrap
  std::size_t num_worst = 10;  ///< mistakes that are listed
};

/// A model, and how labels are embedded with it.
struct OpenedModel {
  std::unique_ptr<ClipModel> model;
  LabelEmbedding embedding;
};

using OpenModel = std::function<OpenedModel(const EvaluationRun&)>;

struct EvaluationResult {
  Evaluation evaluation;
  LabelSet few_shot_labels;  ///< empty without few-shot
};

/// Measures `runs` on `images`. Each model is opened once for all runs that share it and its precision, and
/// encodes the images once. `on_failure` hears once of each image that cannot be read. Throws as
/// encode_labelled_images() and make_classifier().
EvaluationResult evaluate_runs(const std::vector<EvaluationRun>& runs, const LabelledImages& images,
                               const EvaluationOptions& options, const OpenModel& open_model,
                               const OnMessage& on_failure);

}  // namespace clipcls
