#pragma once

#include <string>
#include <vector>

#include "cli/flags/library_options.h"
#include "cli/flags/run_variant.h"
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

/// The flags' own run, named `first_name`, and those of --compare. Throws as plan_run().
std::vector<PlannedRun> plan_runs(const std::string& first_name, const LabelOptions& options,
                                  const std::vector<RunVariant>& variants, const LabelledImages& images,
                                  const std::string& source);

}  // namespace clipcls
