#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/flags/label_flags.h"
#include "cli/flags/message_flags.h"
#include "cli/flags/model_flags.h"
#include "cli/flags/run_variant.h"
#include "cli/flags/score_flags.h"
#include "cli/flags/standard_input.h"
#include "evaluation/evaluation_runs.h"
#include "files/output_target.h"

namespace clipcls {

/// The flags that --compare may change.
struct RunFlags {
  ModelFlags model;
  LabelFlags labels;
  ScoreFlags scores;

  NamedInputs inputs() const { return joined(labels.inputs(), scores.inputs()); }
};

/// `flags` with what `variant` names in its place.
RunFlags apply(const RunVariant& variant, RunFlags flags);

/// A run of eval or calibrate, and the files that its flags name.
struct PlannedRun {
  EvaluationRun run;
  NamedInputs inputs;
};

/// The run of `flags` on the `images` of `source`. Where no labels are given they are the classes of the
/// images. Throws Error (kInvalidArgument, kLabels, kModel) for what is wrong before a model is loaded.
PlannedRun plan_run(const std::string& name, const RunFlags& flags, const LabelledImages& images,
                    const std::string& source, const MessageFlags& messages);

/// The run of `flags`, called `name`, and those of `variants`. Throws as plan_run().
std::vector<PlannedRun> plan_runs(const std::string& name, const RunFlags& flags,
                                  const std::vector<RunVariant>& variants, const LabelledImages& images,
                                  const std::string& source, const MessageFlags& messages);

/// The files that eval and calibrate use: `runs` on the `images` of `source`.
FilesInUse files_in_use(std::span<const PlannedRun> runs, const LabelledImages& images,
                        const std::string& source, const std::string& image_features);

}  // namespace clipcls
