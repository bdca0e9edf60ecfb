#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clipcls/model/clip_model.h"
#include "clipcls/zero_shot/classifier.h"
#include "clipcls/zero_shot/prompt_template.h"
#include "options.h"

namespace clipcls {

/// What the command line says to rank.
struct LabelSet {
  std::vector<std::string> labels;
  std::vector<PromptTemplate> templates;  ///< empty: the model's own
};

/// Reads the label and template files. Throws Error (kLabels).
LabelSet collect_labels(const ClassifyOptions& options);

/// The classifier of `label_set`, whose embeddings come from the cache where they lie there: the text encoder
/// is then not loaded. `path` is where `model` came from. Warns of prompts that were cut. Throws Error
/// (kModel).
Classifier embed_labels(const LabelSet& label_set, const std::filesystem::path& path, ClipModel& model,
                        const ClassifyOptions& options);

/// What --score says, else what the model was trained with.
ScoreKind score_kind(const ClassifyOptions& options, const ModelConfig& config);

}  // namespace clipcls
