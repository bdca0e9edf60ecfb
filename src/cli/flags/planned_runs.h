#pragma once

#include <string>
#include <vector>

#include "cli/program.h"
#include "evaluation/evaluation_runs.h"

namespace clipcls {

/// A run of eval or calibrate, and the flags that it was made of.
struct PlannedRun {
  LabelOptions options;
  EvaluationRun run;
};

/// The run of `options`. Where no labels are given they are the classes of the images. Throws Error (kUsage,
/// kLabels, kModel) for what is wrong before a model is loaded.
PlannedRun plan_run(const std::string& name, const LabelOptions& options, const LabelledImages& images,
                    const std::string& source);

/// The flags' own run and those of --compare. Throws as plan_run().
std::vector<PlannedRun> plan_runs(const EvalOptions& options, const LabelledImages& images);

}  // namespace clipcls
