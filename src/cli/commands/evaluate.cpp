#include <memory>
#include <utility>

#include "cli/commands/eval.h"
#include "cli/flags/label_requests.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/message.h"
#include "evaluation/evaluate_runs.h"
#include "model/load_model.h"
#include "zero_shot/label_set.h"

namespace clipcls {
namespace {

EvaluationOptions evaluation_options(const EvalFlags& flags) {
  return {.source = flags.source.source,
          .feature_folder = flags.source.features.image_features,
          .encode = encode_options(flags.batch, flags.decode, flags.run.model, flags.messages),
          .few_shot = flags.few_shot.options,
          .seed = flags.seed,
          .num_worst = flags.num_worst};
}

OpenedModel open_model(const EvaluationRun& run, const EvalFlags& flags) {
  OpenedModel opened;
  opened.model = load_model(run.model, run.load);
  if (flags.messages.is_verbose) print_model(run.model, *opened.model);
  opened.embedding =
      make_label_embedding(flags.cache, flags.run.model, flags.messages, run.model, *opened.model);
  return opened;
}

}  // namespace

int evaluate(const EvalFlags& flags) {
  // Everything that can be wrong without a model is found before one is loaded.
  const std::string& source = flags.source.source;
  const std::size_t num_examples = flags.few_shot.options.num_examples;
  const LabelledImages images = read_labelled_images(source, flags.source.raw.raw_files());
  std::vector<PlannedRun> planned = plan_runs(num_examples > 0 ? "prompts" : std::string(kFirstRun),
                                              flags.run, flags.variants(), images, source, flags.messages);
  if (num_examples > 0) require_examples(num_examples, planned.front().run, images);
  const FilesInUse inputs = files_in_use(planned, images, source, flags.source.features.image_features);
  const OutputTarget target({.path = flags.output.path(),
                             .kind = OutputKind::kEvaluation,
                             .replaces_anything = flags.output.overwrites,
                             .remedy = kOverwriteRemedy},
                            inputs);
  std::unique_ptr<OutputFile> labels_file;
  if (!flags.few_shot.save_labels.empty()) {
    const OutputTarget labels_target({.path = output_path(flags.few_shot.save_labels),
                                      .kind = OutputKind::kLabels,
                                      .replaces_anything = flags.output.overwrites,
                                      .remedy = kOverwriteRemedy},
                                     inputs);
    target.require_apart(labels_target);
    labels_file = std::make_unique<OutputFile>(labels_target);
  }
  OutputFile output(target);

  std::vector<EvaluationRun> runs;
  runs.reserve(planned.size());
  for (PlannedRun& run : planned) runs.push_back(std::move(run.run));
  const EvaluationResult result = evaluate_runs(
      runs, images, evaluation_options(flags),
      [&](const EvaluationRun& run) { return open_model(run, flags); }, print_message);
  if (labels_file) {
    labels_file->stream() << write_label_set(result.few_shot_labels);
    labels_file->commit();
  }
  write_evaluation(flags.format(), output.stream(), result.evaluation);
  output.commit();
  return result.evaluation.num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
