#include "cli/commands/eval.h"

#include <memory>
#include <utility>

#include "cli/flags/label_requests.h"
#include "cli/flags/planned_runs.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "clipcls/zero_shot/label_set.h"
#include "evaluation/evaluate_runs.h"
#include "model/load_model.h"

namespace clipcls {
namespace {

EvaluationOptions evaluation_options(const EvalOptions& options) {
  return {.source = options.source,
          .feature_folder = options.image_features,
          .encode = options.batch,
          .few_shot = {.num_examples = options.num_examples,
                       .method = options.few_shot_method,
                       .blend = options.blend,
                       .inverse_penalty = options.inverse_penalty},
          .seed = options.seed,
          .num_worst = options.num_worst};
}

OpenedModel open_model(const EvaluationRun& run, const LabelOptions& options) {
  OpenedModel opened;
  opened.model = load_model(run.model, run.load);
  if (options.is_verbose) print_model(run.model, *opened.model);
  opened.embedding = make_label_embedding(options, run.model, *opened.model);
  return opened;
}

}  // namespace

int evaluate(const EvalOptions& options) {
  // Everything that can be wrong without a model is found before one is loaded.
  const LabelledImages images = read_labelled_images(options.source);
  std::vector<PlannedRun> planned = plan_runs(options, images);
  if (options.num_examples > 0) require_examples(options.num_examples, planned.front().run, images);
  const FilesInUse inputs = files_in_use(planned, images, options.source, options.image_features);
  const OutputTarget target({.path = options.output,
                             .kind = OutputKind::kEvaluation,
                             .replaces_anything = options.overwrites,
                             .remedy = kOverwriteRemedy},
                            inputs);
  std::unique_ptr<OutputFile> labels_file;
  if (options.saves_labels) {
    const OutputTarget labels_target({.path = options.save_labels,
                                      .kind = OutputKind::kLabels,
                                      .replaces_anything = options.overwrites,
                                      .remedy = kOverwriteRemedy},
                                     inputs);
    target.require_apart(labels_target);
    labels_file = std::make_unique<OutputFile>(labels_target);
  }
  OutputFile output(target);

  std::vector<EvaluationRun> runs;
  for (PlannedRun& run : planned) runs.push_back(std::move(run.run));
  const EvaluationResult result = evaluate_runs(
      runs, images, evaluation_options(options),
      [&](const EvaluationRun& run) { return open_model(run, options); }, print_message);
  if (labels_file) {
    labels_file->stream() << write_label_set(result.few_shot_labels);
    labels_file->commit();
  }
  write_evaluation(options.format, output.stream(), result.evaluation);
  output.commit();
  return result.evaluation.num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
