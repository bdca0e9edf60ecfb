#include "cli/evaluation_runs.h"

#include <algorithm>
#include <limits>
#include <span>

#include "cli/find_model.h"

namespace clipcls {
namespace {

// Memory for the ranks of all labels of that many images at a time.
constexpr std::size_t kBlockSize = 256;

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

void collect_labels_for(const LabelledImages& images, const std::string& source, PlannedRun& run) {
  LabelOptions& options = run.options;
  if (options.labels.empty() && options.label.empty()) options.label = images.class_names;
  run.labels = collect_labels(options);
  run.label_of_class =
      match_classes(images, run.labels.names, source, options.labels.empty() ? "--label" : options.labels);
}

std::vector<PlannedRun> plan_runs(const EvalOptions& options, const LabelledImages& images) {
  std::vector<PlannedRun> runs;
  const auto add = [&](const std::string& name, const LabelOptions& of_run) {
    PlannedRun run;
    run.name = name;
    run.options = of_run;
    // What is wrong with the labels is said once, and not again for each run that takes the same ones.
    run.options.is_quiet = of_run.is_quiet || (!runs.empty() && of_run.labels == options.labels);
    collect_labels_for(images, options.source, run);
    run.options.is_quiet = of_run.is_quiet;
    run.model = find_model(of_run.model);
    runs.push_back(std::move(run));
  };
  add(options.num_examples > 0 ? "prompts" : "base", options);
  for (const RunVariant& variant : options.variants) add(variant.name, apply(variant, options));
  return runs;
}

std::vector<Outcome> classify_labelled(const Classifier& classifier, const LabelledFeatures& features,
                                       const std::vector<std::size_t>& rows, const LabelledImages& images,
                                       const std::vector<std::size_t>& label_of_class) {
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
    const auto predictions = classifier.classify(block, num_rows, std::numeric_limits<std::size_t>::max());
    for (std::size_t i = 0; i < num_rows; ++i) {
      const std::vector<Prediction>& ranked = predictions[i];
      Outcome outcome;
      outcome.target = label_of_class[images.classes[features.images[rows[begin + i]]]];
      outcome.predicted = ranked.front().label_index;
      outcome.confidence = ranked.front().score;
      outcome.target_rank = static_cast<std::size_t>(
          std::ranges::find(ranked, outcome.target, &Prediction::label_index) - ranked.begin());
      outcomes.push_back(outcome);
    }
  }
  return outcomes;
}

}  // namespace clipcls
