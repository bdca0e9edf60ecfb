#pragma once

#include "cli/program.h"
#include "cli/results/resumable_file.h"
#include "clipcls/model/clip_model.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model: its flags, but those that are known not to.
RunSettings run_settings(const ClassifyOptions& options, const LabelRequest& labels);

/// What of the model decides them: its features, and what its config.json says of scores and prompts.
/// `score_kind`: that of the run.
RunSettings model_settings(ScoreKind score_kind, const ClipModel& model);

}  // namespace clipcls
