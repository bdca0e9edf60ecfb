#include "evaluation/evaluation_runs.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace clipcls {
namespace {

// Memory for the ranks of all labels of that many images at a time.
constexpr std::size_t kBlockSize = 256;

/// The most confident of the images that were taken for another class; equal ones in their order.
std::vector<Mistake> find_worst(const std::vector<Outcome>& outcomes, std::span<const std::size_t> rows,
                                const LabelledFeatures& features, const LabelledImages& images,
                                std::size_t num_worst) {
  std::vector<Mistake> mistakes;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].is_correct()) continue;
    mistakes.push_back({images.paths[features.images[rows[i]]], outcomes[i].target, outcomes[i].predicted,
                        outcomes[i].confidence});
  }
  // Stable, so that the list is the same from run to run.
  std::ranges::stable_sort(mistakes, std::ranges::greater(), &Mistake::confidence);
  mistakes.resize(std::min(mistakes.size(), num_worst));
  return mistakes;
}

/// What is left of the images at `threshold`.
CoveragePoint point_at_threshold(const Metrics& metrics, double threshold) {
  CoveragePoint kept = {threshold, 0, 0};
  for (const CoveragePoint& point : metrics.coverage) {
    // The points come with falling thresholds.
    if (point.threshold < threshold) break;
    kept.coverage = point.coverage;
    kept.accuracy = point.accuracy;
  }
  return kept;
}

}  // namespace

std::vector<std::size_t> targets_of(const EvaluationRun& run, const LabelledImages& images,
                                    const LabelledFeatures& features) {
  std::vector<std::size_t> targets;
  targets.reserve(features.images.size());
  for (const std::size_t image : features.images)
    targets.push_back(run.label_of_class[images.classes[image]]);
  return targets;
}

std::vector<std::size_t> all_rows(const LabelledFeatures& features) {
  std::vector<std::size_t> rows(features.images.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  return rows;
}

std::vector<Outcome> classify_labelled(const ZeroShotClassifier& classifier, const LabelledFeatures& features,
                                       std::span<const std::size_t> rows,
                                       std::span<const std::size_t> targets) {
  const std::size_t embed_dim = features.features.cols;
  std::vector<Outcome> outcomes;
  std::vector<float> block;
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlockSize) {
    const std::size_t num_rows = std::min(kBlockSize, rows.size() - begin);
    block.clear();
    for (std::size_t i = 0; i < num_rows; ++i) {
      const std::span<const float> row = features.features.row(rows[begin + i]);
      block.insert(block.end(), row.begin(), row.end());
    }
    block.resize(num_rows * embed_dim);
    // All labels and not the first five: the rank of the right one is wanted, wherever it is.
    const auto predictions = classifier.classify(block, num_rows, std::numeric_limits<std::size_t>::max());
    for (std::size_t i = 0; i < num_rows; ++i) {
      const std::vector<RankedAnswer>& ranked = predictions[i];
      Outcome outcome;
      outcome.target = targets[rows[begin + i]];
      outcome.predicted = ranked.front().label_index;
      outcome.confidence = ranked.front().score;
      outcome.target_rank = static_cast<std::size_t>(
          std::ranges::find(ranked, outcome.target, &RankedAnswer::label_index) - ranked.begin());
      outcomes.push_back(outcome);
    }
  }
  return outcomes;
}

MeasuredRun measure_run(const EvaluationRun& run, ClipModel& model, const LabelEmbedding& embedding,
                        const LabelledImages& images, const LabelledFeatures& features,
                        std::span<const std::size_t> rows, std::size_t num_worst) {
  LabelRequest request = run.labels;
  request.threshold.reset();  // ranks are wanted of all labels
  const ZeroShotClassifier classifier = make_classifier(model, request, embedding);
  // Everything that is measured comes from these: what each picture is, what it was taken for, how surely.
  const std::vector<Outcome> outcomes =
      classify_labelled(classifier, features, rows, targets_of(run, images, features));
  const AnswerNames answers = request.answers();
  MeasuredRun measured;
  EvaluatedRun& figures = measured.figures;
  figures.name = run.name;
  figures.model = model.config().name;
  figures.precision = model.precision();
  figures.resize_mode = features.resize_mode;
  figures.score_kind = classifier.rule().kind;
  for (std::size_t i = 0; i < answers.size(); ++i) figures.class_names.push_back(answers[i]);
  // A cosine is no probability, and has no calibration error.
  figures.metrics = compute_metrics(outcomes, answers.size(), figures.score_kind != ScoreKind::kCosine);
  figures.worst = find_worst(outcomes, rows, features, images, num_worst);
  if (run.labels.threshold) figures.at_threshold = point_at_threshold(figures.metrics, *run.labels.threshold);
  for (const Outcome& outcome : outcomes) measured.is_correct.push_back(outcome.is_correct() ? 1 : 0);
  return measured;
}

}  // namespace clipcls
