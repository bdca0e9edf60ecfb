#pragma once

#include "cli/program.h"

namespace clipcls {

/// Adds --labels and the flags of declare_prompts() to `app`.
void declare_labels(CommandDeclaration& app, LabelOptions& options);

/// Adds --label, --template and --templates to `app`.
void declare_prompts(CommandDeclaration& app, LabelOptions& options);

/// Adds the flags that say what a score is to `app`: --score, --none, --threshold, --calibration.
void declare_scores(CommandDeclaration& app, LabelOptions& options);

/// Adds --multi-label and --negative to `app`, which has the flags of declare_scores().
void declare_multi_label(CommandDeclaration& app, LabelOptions& options);

/// Throws Error (kUsage) where flags of declare_scores() contradict each other; fills in what follows from
/// them.
void validate_scores(LabelOptions& options);

/// With --multi-label, lifts the limit of --top-k unless `command` was given one: several labels may apply,
/// --threshold says which, and five is no natural number of them.
void lift_top_k(const CommandDeclaration& command, LabelOptions& options);

}  // namespace clipcls
