#include "cli/flags/planned_runs.h"

#include <utility>

#include "cli/flags/label_requests.h"
#include "cli/results/files_in_use.h"
#include "interface/require_model.h"

namespace clipcls {

RunFlags apply(const RunVariant& variant, RunFlags flags) {
  PromptFlags& prompts = flags.labels.prompts;
  if (variant.labels) {
    flags.labels.labels = *variant.labels;
    prompts.label.clear();
  }
  if (variant.templates_file || variant.text_template) {
    prompts.templates.clear();
    prompts.templates_file = variant.templates_file.value_or("");
    if (variant.text_template) prompts.templates.push_back(*variant.text_template);
  }
  if (variant.model) flags.model.model = *variant.model;
  if (variant.precision) flags.model.precision = *variant.precision;
  return flags;
}

PlannedRun plan_run(const std::string& name, const RunFlags& flags, const LabelledImages& images,
                    const std::string& source, const MessageFlags& messages) {
  LabelFlags labels = flags.labels;
  const bool has_file = !labels.labels.empty();
  if (!has_file && labels.prompts.label.empty()) labels.prompts.label = images.class_names;
  PlannedRun planned;
  planned.inputs = flags.inputs();
  EvaluationRun& run = planned.run;
  run.name = name;
  run.labels = make_label_request(labels, flags.scores, {}, warnings_of(messages));
  run.label_of_class =
      match_classes(images, run.labels.answers(), source, has_file ? labels.labels : "--label");
  run.model = require_model(flags.model.model);
  run.load = resolve_device(flags.model);
  return planned;
}

std::vector<PlannedRun> plan_runs(const std::string& name, const RunFlags& flags,
                                  const std::vector<RunVariant>& variants, const LabelledImages& images,
                                  const std::string& source, const MessageFlags& messages) {
  std::vector<PlannedRun> runs;
  runs.push_back(plan_run(name, flags, images, source, messages));
  for (const RunVariant& variant : variants) {
    const RunFlags of_run = apply(variant, flags);
    // What is wrong with the labels is said once, and not again for each run that takes the same ones.
    MessageFlags of_labels = messages;
    of_labels.is_quiet = messages.is_quiet || of_run.labels.labels == flags.labels.labels;
    runs.push_back(plan_run(variant.name, of_run, images, source, of_labels));
  }
  return runs;
}

FilesInUse files_in_use(std::span<const PlannedRun> runs, const LabelledImages& images,
                        const std::string& source, const std::string& image_features) {
  FilesInUse used;
  for (const PlannedRun& run : runs) {
    const FilesInUse of_run = files_in_use(run.inputs, run.run.model);
    used.files.insert(used.files.end(), of_run.files.begin(), of_run.files.end());
    used.folders.insert(used.folders.end(), of_run.folders.begin(), of_run.folders.end());
  }
  used.files.push_back(source);
  used.files.insert(used.files.end(), images.paths.begin(), images.paths.end());
  used.folders.push_back(image_features);
  return used;
}

}  // namespace clipcls
