#pragma once

#include "cli/embed_labels.h"
#include "cli/program.h"
#include "cli/results/resumable_file.h"
#include "clipcls/model/clip_model.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model: its flags, but those that are known not to.
RunSettings run_settings(const ClassifyOptions& options, const RankedLabels& labels);

/// What of the model decides them: its features, and what its config.json says of scores and prompts.
RunSettings model_settings(const ClassifyOptions& options, const ClipModel& model);

}  // namespace clipcls
