#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/calibration_file.h"
#include "cli/flags/library_options.h"
#include "clipcls/model/clip_model.h"
#include "clipcls/zero_shot/classifier.h"
#include "clipcls/zero_shot/label_set.h"
#include "clipcls/zero_shot/prompt_template.h"
#include "clipcls/zero_shot/zero_shot_weights.h"

namespace clipcls {

/// What the command line says to rank.
struct RankedLabels {
  LabelSet label_set;
  std::vector<PromptTemplate> templates;  ///< empty: the model's own
  std::optional<Calibration> calibration;
  std::vector<std::string> names;  ///< of the answers: the labels and, with --none, "(none)"
};

/// Reads the label, template and calibration files. A label that is given twice, by file, flag or both,
/// counts once, which is warned of. Throws Error (kLabels, kUsage).
RankedLabels collect_labels(const LabelOptions& options);

/// The same with labels that are given twice in their places: for who lists them.
RankedLabels collect_labels_as_given(const LabelOptions& options);

/// The classifier of `labels`, whose embeddings come from the cache where they lie there: the text encoder
/// is then not loaded. `path` is where `model` came from. Warns of prompts that were cut. Throws Error
/// (kModel), and (kLabels, kUsage) where labels or a calibration belong to another model.
Classifier embed_labels(const RankedLabels& labels, const std::filesystem::path& path, ClipModel& model,
                        const LabelOptions& options);

/// Throws Error (kLabels) unless `weights`, from `file`, belong to `model`.
void require_weights_of(const LabelWeights& weights, const std::string& file, const ClipModel& model);

/// What `given` says, else what the model was trained with.
ScoreKind score_kind(const std::optional<ScoreKind>& given, const ModelConfig& config);

/// The prompts of the labels, with the model's own templates where none were given.
PromptRows fill_prompts(const RankedLabels& labels, const ModelConfig& config);

/// The zero-shot weights of `prompts`, from the cache or computed and kept there. `prompts`: [num_rows]
ZeroShotWeights find_or_build_weights(const std::vector<std::vector<std::string>>& prompts,
                                      const std::filesystem::path& path, ClipModel& model,
                                      const LabelOptions& options);

}  // namespace clipcls
