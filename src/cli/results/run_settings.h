#pragma once

#include "cli/flags/declaration.h"
#include "cli/results/resumable_file.h"
#include "model/clip_model.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model: its flags, but those that are known not to.
/// `flags`: every flag by its long name, and what it came to, in words.
RunSettings run_settings(const FlagValues& flags, const LabelRequest& labels);

/// The settings that come from the model: its features, and scores and prompts by its config.json.
/// `score_kind`: that of the run.
RunSettings model_settings(ScoreKind score_kind, const ClipModel& model);

}  // namespace clipcls
