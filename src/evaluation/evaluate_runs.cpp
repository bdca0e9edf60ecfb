// Several runs (models, precisions, label lists) are measured on the same pictures and compared pair by
// pair.
#include "evaluation/evaluate_runs.h"

#include <map>
#include <tuple>
#include <utility>

#include "clipcls/error.h"
#include "evaluation/statistics/few_shot.h"
#include "evaluation/statistics/paired_comparison.h"

namespace clipcls {
namespace {

/// The runs of one model and precision, in the order in which they were planned.
using RunsOfModel = std::map<std::tuple<std::filesystem::path, Precision>, std::vector<std::size_t>>;

class Evaluator {
 public:
  Evaluator(const EvaluationOptions& options, const LabelledImages& images,
            const std::vector<EvaluationRun>& runs)
      : options_(options), images_(images), runs_(runs), measured_(runs.size()) {}

  /// Encodes the images once and measures the planned runs `of_model`, which share a model.
  void measure_runs(const std::vector<std::size_t>& of_model, const OpenModel& open_model,
                    const OnMessage& on_failure) {
    const EvaluationRun& first = runs_[of_model.front()];
    const OpenedModel opened = open_model(first);
    ClipModel& model = *opened.model;
    const LabelledFeatures features = encode_labelled_images(
        images_, model, options_.encode, options_.feature_folder, is_silent_ ? ignore_message : on_failure);
    is_silent_ = true;  // what cannot be read was said already
    evaluation_.num_failed = features.num_failed;
    if (options_.few_shot.num_examples > 0) return add_few_shot(first, opened, features);
    const std::vector<std::size_t> rows = all_rows(features);
    for (const std::size_t run : of_model) {
      measured_[run] =
          measure_run(runs_[run], model, opened.embedding, images_, features, rows, options_.num_worst);
    }
  }

  /// All figures, once everything was measured.
  EvaluationResult finish() {
    evaluation_.source = options_.source;
    evaluation_.seed = options_.seed;
    for (MeasuredRun& run : measured_) {
      // All runs saw the same pictures, so that each can be paired with the first one's.
      if (&run != &measured_.front())
        run.figures.against_first =
            compare_paired(measured_.front().is_correct, run.is_correct, options_.seed);
      evaluation_.runs.push_back(std::move(run.figures));
    }
    return {std::move(evaluation_), std::move(few_shot_labels_)};
  }

 private:
  /// Measures `run` without and with examples, on the images that are none.
  void add_few_shot(const EvaluationRun& run, const OpenedModel& opened, const LabelledFeatures& features) {
    const FewShotOptions& few_shot = options_.few_shot;
    // No picture is both example and test: a model that has seen the answers would look better than it is.
    const ExampleSplit split = split_examples(targets_of(run, images_, features), run.labels.answers().size(),
                                              few_shot.num_examples, options_.seed);
    if (split.test.empty())
      throw Error(ErrorKind::kInvalidArgument, "few-shot: no picture is left for the test");
    for (const std::size_t row : split.training)
      evaluation_.training.push_back(images_.paths[features.images[row]]);
    const auto measure = [&](const EvaluationRun& measured) {
      return measure_run(measured, *opened.model, opened.embedding, images_, features, split.test,
                         options_.num_worst);
    };
    measured_[0] = measure(run);
    few_shot_labels_ = make_few_shot_labels(few_shot, run, images_, features, split.training, *opened.model,
                                            opened.embedding);
    EvaluationRun with_examples = run;
    with_examples.name = few_shot.method == FewShotMethod::kProbe ? "with probe" : "with mean";
    with_examples.labels.labels = std::make_shared<LabelSet>(few_shot_labels_);
    // Labels made of pictures take no templates.
    with_examples.labels.templates.clear();
    measured_.push_back(measure(with_examples));
  }

  const EvaluationOptions& options_;
  const LabelledImages& images_;
  const std::vector<EvaluationRun>& runs_;
  std::vector<MeasuredRun> measured_;  ///< [number of runs], and one more by few-shot
  Evaluation evaluation_;
  LabelSet few_shot_labels_;
  bool is_silent_ = false;
};

}  // namespace

EvaluationResult evaluate_runs(const std::vector<EvaluationRun>& runs, const LabelledImages& images,
                               const EvaluationOptions& options, const OpenModel& open_model,
                               const OnMessage& on_failure) {
  RunsOfModel runs_of_model;
  // Encoding is nearly all of the work: runs of one model and precision share it.
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs_of_model[{runs[i].model, runs[i].load.precision}].push_back(i);
  Evaluator evaluator(options, images, runs);
  for (const auto& [model, of_model] : runs_of_model)
    evaluator.measure_runs(of_model, open_model, on_failure);
  return evaluator.finish();
}

}  // namespace clipcls
