// All figures: the text and the page show a part of them, with fewer digits.
#include <nlohmann/json.hpp>

#include "evaluation_formats.h"
#include "json/write_json.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

// A share of nothing is no number, and JSON has no NaN.
ordered_json or_null(const std::optional<double>& value) {
  return value ? ordered_json(result_number(*value)) : ordered_json(nullptr);
}

ordered_json classes_json(const EvaluatedRun& run) {
  ordered_json classes = ordered_json::array();
  for (std::size_t c = 0; c < run.class_names.size(); ++c) {
    const ClassMetrics& metrics = run.metrics.classes[c];
    classes.push_back({{"label", run.class_names[c]},
                       {"num_images", metrics.num_images},
                       {"num_predicted", metrics.num_predicted},
                       {"num_correct", metrics.num_correct},
                       {"recall", or_null(metrics.recall)},
                       {"precision", or_null(metrics.precision)}});
  }
  return classes;
}

ordered_json confusion_json(const EvaluatedRun& run) {
  const std::size_t num_classes = run.class_names.size();
  ordered_json rows = ordered_json::array();
  for (std::size_t target = 0; target < num_classes; ++target) {
    const auto begin = run.metrics.confusion.begin() + static_cast<std::ptrdiff_t>(target * num_classes);
    rows.push_back(std::vector<std::size_t>(begin, begin + static_cast<std::ptrdiff_t>(num_classes)));
  }
  return rows;
}

ordered_json run_json(const EvaluatedRun& run) {
  const Metrics& metrics = run.metrics;
  ordered_json fields = {
      {"name", run.name},
      {"model", run.model},
      {"precision", run.precision},
      {"resize_mode", run.resize_mode.empty() ? ordered_json() : ordered_json(run.resize_mode)},
      {"score", score_kind_name(run.score_kind)},
      {"top1", result_number(metrics.top1)},
      {"top1_interval",
       {result_number(metrics.top1_interval.low), result_number(metrics.top1_interval.high)}},
      {"top5", result_number(metrics.top5)},
      {"mean_per_class", result_number(metrics.mean_per_class)},
      {"calibration_error", or_null(metrics.calibration_error)}};
  if (const auto& comparison = run.against_first) {
    fields["against_first"] = {
        {"difference", result_number(comparison->difference)},
        {"interval", {result_number(comparison->interval.low), result_number(comparison->interval.high)}},
        {"num_only_first", comparison->num_only_first},
        {"num_only_second", comparison->num_only_second},
        {"mcnemar_p_value", result_number(comparison->p_value)}};
  }
  if (run.at_threshold) {
    fields["at_threshold"] = {{"threshold", result_number(run.at_threshold->threshold)},
                              {"coverage", result_number(run.at_threshold->coverage)},
                              {"accuracy", result_number(run.at_threshold->accuracy)}};
  }
  fields["classes"] = classes_json(run);
  fields["confusion"] = confusion_json(run);
  fields["reliability"] = ordered_json::array();
  for (const ReliabilityBin& bin : metrics.bins) {
    fields["reliability"].push_back({{"num_images", bin.num_images},
                                     {"mean_confidence", result_number(bin.mean_confidence)},
                                     {"accuracy", result_number(bin.accuracy)}});
  }
  fields["coverage"] = ordered_json::array();
  for (const CoveragePoint& point : metrics.coverage) {
    fields["coverage"].push_back({{"threshold", result_number(point.threshold)},
                                  {"coverage", result_number(point.coverage)},
                                  {"accuracy", result_number(point.accuracy)}});
  }
  fields["worst"] = ordered_json::array();
  for (const Mistake& mistake : run.worst) {
    fields["worst"].push_back({{"image", mistake.path},
                               {"label", run.class_names[mistake.target]},
                               {"predicted", run.class_names[mistake.predicted]},
                               {"score", result_number(mistake.confidence)}});
  }
  return fields;
}

}  // namespace

void write_evaluation_json(std::ostream& output, const Evaluation& evaluation) {
  ordered_json document = {{"source", evaluation.source},
                           {"num_images", evaluation.runs.front().metrics.num_images},
                           {"num_failed", evaluation.num_failed},
                           {"training", evaluation.training},
                           {"seed", evaluation.seed},
                           {"runs", ordered_json::array()}};
  for (const EvaluatedRun& run : evaluation.runs) document["runs"].push_back(run_json(run));
  output << write_json(document) << '\n';
}

}  // namespace clipcls
