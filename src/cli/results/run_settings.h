#pragma once

#include "cli/flags/declaration.h"
#include "cli/results/resumable_file.h"
#include "clipcls/model/clip_model.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model: its flags, but those that are known not to.
/// `flags`: every flag by its long name, and what it came to, in words.
RunSettings run_settings(const FlagValues& flags, const LabelRequest& labels);

/// What of the model decides them: its features, and what its config.json says of scores and prompts.
/// `score_kind`: that of the run.
RunSettings model_settings(ScoreKind score_kind, const ClipModel& model);

}  // namespace clipcls
