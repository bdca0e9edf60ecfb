#include "cli/commands/eval.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>

#include "cli/evaluation_runs.h"
#include "cli/few_shot_labels.h"
#include "cli/find_model.h"
#include "cli/results/files_in_use.h"
#include "cli/results/output_file.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "clipcls/evaluation/paired_comparison.h"

namespace clipcls {
namespace {

/// The most confident of the images that were taken for another class; equal ones in their order.
std::vector<Mistake> find_worst(const std::vector<Outcome>& outcomes, const std::vector<std::size_t>& rows,
                                const LabelledFeatures& features, const LabelledImages& images,
                                std::size_t num_worst) {
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].is_correct()) continue;
    mistakes.push_back({images.paths[features.images[rows[i]]], outcomes[i].target, outcomes[i].predicted,
                        outcomes[i].confidence});
  }
  std::ranges::stable_sort(mistakes, std::ranges::greater(), &Mistake::confidence);
  mistakes.resize(std::min(mistakes.size(), num_worst));
  return mistakes;
}

/// What is left of the images at `threshold`.
CoveragePoint withhold(const Metrics& metrics, double threshold) {
  CoveragePoint kept = {threshold, 0, 0};
  for (const CoveragePoint& point : metrics.coverage) {
    if (point.threshold < threshold) break;
    kept.coverage = point.coverage;
    kept.accuracy = point.accuracy;
  }
  return kept;
}

/// A run's figures, and which images it got right.
struct MeasuredRun {
  EvaluatedRun figures;
  std::vector<std::uint8_t> is_correct;  ///< [num_images]
};

/// Measures on the images `rows` of `features`.
MeasuredRun measure(const PlannedRun& run, ClipModel& model, const LabelledImages& images,
                    const LabelledFeatures& features, const std::vector<std::size_t>& rows,
                    std::size_t num_worst) {
  LabelOptions options = run.options;
  options.threshold.reset();  // ranks are wanted of all labels
  const Classifier classifier = embed_labels(run.labels, run.model, model, options);
  const std::vector<Outcome> outcomes =
      classify_labelled(classifier, features, rows, images, run.label_of_class);
  MeasuredRun measured;
  EvaluatedRun& figures = measured.figures;
  figures.name = run.name;
  figures.model = model.config().name;
  figures.precision = model.precision();
  figures.score_kind = classifier.rule().kind;
  figures.class_names = run.labels.names;
  figures.metrics =
      compute_metrics(outcomes, run.labels.names.size(), figures.score_kind != ScoreKind::kCosine);
  figures.worst = find_worst(outcomes, rows, features, images, num_worst);
  if (run.options.threshold) figures.withheld = withhold(figures.metrics, *run.options.threshold);
  for (const Outcome& outcome : outcomes) measured.is_correct.push_back(outcome.is_correct() ? 1 : 0);
  return measured;
}

/// The runs of one model and precision, in the order in which they were planned.
using RunsOfModel = std::map<std::tuple<std::filesystem::path, Precision>, std::vector<std::size_t>>;

class Evaluator {
 public:
  Evaluator(const EvalOptions& options, const LabelledImages& images, const std::vector<PlannedRun>& runs)
      : options_(options), images_(images), runs_(runs), measured_(runs.size()) {}

  /// Encodes the images once and measures the planned runs `of_model`, which share a model.
  void measure_runs(const std::vector<std::size_t>& of_model) {
    const PlannedRun& first = runs_[of_model.front()];
    const std::unique_ptr<ClipModel> model = load_model(first.model, first.options.load);
    const LabelledFeatures features =
        encode_labelled_images(images_, *model, first.options, options_.image_features, is_silent_);
    is_silent_ = true;  // what cannot be read was said already
    evaluation_.num_failed = features.num_failed;
    std::vector<std::size_t> rows(features.images.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    if (options_.num_examples > 0) return teach(first, *model, features);
    for (const std::size_t run : of_model)
      measured_[run] = measure(runs_[run], *model, images_, features, rows, options_.num_worst);
  }

  /// All figures, once everything was measured.
  Evaluation finish() {
    evaluation_.source = options_.source;
    evaluation_.seed = options_.seed;
    for (MeasuredRun& run : measured_) {
      if (&run != &measured_.front())
        run.figures.against_first =
            compare_paired(measured_.front().is_correct, run.is_correct, options_.seed);
      evaluation_.runs.push_back(std::move(run.figures));
    }
    return std::move(evaluation_);
  }

  const LabelSet& few_shot_labels() const { return few_shot_labels_; }

 private:
  void teach(const PlannedRun& run, ClipModel& model, const LabelledFeatures& features) {
    std::vector<std::size_t> targets;
    for (const std::size_t image : features.images)
      targets.push_back(run.label_of_class[images_.classes[image]]);
    const ExampleSplit split =
        split_examples(targets, run.labels.names.size(), options_.num_examples, options_.seed);
    if (split.test.empty()) throw Error(ErrorKind::kUsage, "--few-shot: no picture is left for the test");
    for (const std::size_t row : split.training)
      evaluation_.training.push_back(images_.paths[features.images[row]]);
    measured_[0] = measure(run, model, images_, features, split.test, options_.num_worst);

    few_shot_labels_ = make_few_shot_labels(options_, run, images_, features, split.training, model);
    PlannedRun taught = run;
    taught.name = options_.few_shot_method == FewShotMethod::kProbe ? "with probe" : "with mean";
    taught.labels.label_set = few_shot_labels_;
    taught.labels.templates.clear();
    measured_.push_back(measure(taught, model, images_, features, split.test, options_.num_worst));
  }

  const EvalOptions& options_;
  const LabelledImages& images_;
  const std::vector<PlannedRun>& runs_;
  std::vector<MeasuredRun> measured_;  ///< [number of runs], and one more by --few-shot
  Evaluation evaluation_;
  LabelSet few_shot_labels_;
  bool is_silent_ = false;
};

/// The flags as plan_runs() and its like take them.
EvalOptions eval_options(const EvalFlags& flags) {
  EvalOptions options;
  static_cast<LabelOptions&>(options) =
      label_options(flags.labels, flags.scores, {}, flags.model, flags.cache, flags.messages);
  options.batch = encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  options.source = flags.source.source;
  options.image_features = flags.source.features.image_features;
  options.variants = flags.variants();
  options.num_examples = flags.few_shot.num_examples;
  options.few_shot_method = flags.few_shot.method;
  options.blend = flags.few_shot.blend;
  options.inverse_penalty = flags.few_shot.inverse_penalty;
  options.seed = flags.seed;
  options.num_worst = flags.num_worst;
  return options;
}

}  // namespace

int evaluate(const EvalFlags& flags) {
  const EvalOptions options = eval_options(flags);
  // Everything that can be wrong without a model is found before one is loaded.
  const LabelledImages images = read_labelled_images(options.source);
  const std::vector<PlannedRun> runs = plan_runs(options, images);
  if (options.num_examples > 0) require_examples(options, runs.front(), images);
  const FilesInUse inputs = files_in_use(runs, images, options.source, options.image_features);
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

  RunsOfModel runs_of_model;
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs_of_model[{runs[i].model, runs[i].options.load.precision}].push_back(i);
  Evaluator evaluator(options, images, runs);
  for (const auto& [model, of_model] : runs_of_model) evaluator.measure_runs(of_model);

  if (labels_file) {
    labels_file->stream() << write_label_set(evaluator.few_shot_labels());
    labels_file->commit();
  }
  const Evaluation evaluation = evaluator.finish();
  write_evaluation(flags.format(), output.stream(), evaluation);
  output.commit();
  return evaluation.num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
