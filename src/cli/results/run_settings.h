#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/embed_labels.h"
#include "cli/flags/declaration.h"
#include "cli/results/resumable_file.h"
#include "clipcls/model/clip_model.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model: its flags, but those that are known not to.
/// `flags`: every flag by its long name, and what it came to, in words.
RunSettings run_settings(const FlagValues& flags, const RankedLabels& labels,
                         const std::vector<std::string>& none, const std::vector<std::string>& negatives);

/// What of the model decides them: its features, and what its config.json says of scores and prompts. `kind`:
/// none where the model's own is used.
RunSettings model_settings(const std::optional<ScoreKind>& kind, const ClipModel& model);

}  // namespace clipcls
