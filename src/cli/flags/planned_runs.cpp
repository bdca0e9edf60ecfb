#include "cli/flags/planned_runs.h"

#include <utility>

#include "cli/flags/label_requests.h"
#include "cli/flags/require_model.h"

namespace clipcls {
namespace {

LabelOptions apply(const RunVariant& variant, LabelOptions options) {
  if (variant.labels) {
    options.labels = *variant.labels;
    options.label.clear();
  }
  if (variant.templates_file || variant.text_template) {
    options.templates.clear();
    options.templates_file = variant.templates_file.value_or("");
    if (variant.text_template) options.templates.push_back(*variant.text_template);
  }
  if (variant.model) options.model = *variant.model;
  if (variant.precision) {
    options.device_flags.precision = *variant.precision;
    settle_device(options);
  }
  return options;
}

}  // namespace

PlannedRun plan_run(const std::string& name, const LabelOptions& options, const LabelledImages& images,
                    const std::string& source) {
  PlannedRun planned;
  planned.options = options;
  if (options.labels.empty() && options.label.empty()) planned.options.label = images.class_names;
  EvaluationRun& run = planned.run;
  run.name = name;
  run.labels = make_label_request(planned.options);
  run.label_of_class = match_classes(images, run.labels.answers(), source,
                                     options.labels.empty() ? "--label" : options.labels);
  run.model = require_model(options.model);
  run.load = options.load;
  return planned;
}

std::vector<PlannedRun> plan_runs(const std::string& first_name, const LabelOptions& options,
                                  const std::vector<RunVariant>& variants, const LabelledImages& images,
                                  const std::string& source) {
  std::vector<PlannedRun> runs;
  runs.push_back(plan_run(first_name, options, images, source));
  for (const RunVariant& variant : variants) {
    LabelOptions of_run = apply(variant, options);
    // What is wrong with the labels is said once, and not again for each run that takes the same ones.
    of_run.is_quiet = options.is_quiet || of_run.labels == options.labels;
    runs.push_back(plan_run(variant.name, of_run, images, source));
    runs.back().options.is_quiet = options.is_quiet;
  }
  return runs;
}

}  // namespace clipcls
