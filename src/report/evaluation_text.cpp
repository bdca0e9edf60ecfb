#include <algorithm>

#include "evaluation_formats.h"
#include "format_score.h"
#include "text_output/display_text.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxMatrixClasses = 20;  // a wider matrix does not fit a terminal

using Cells = std::vector<std::string>;

/// The first and last column to the left, those between, which are numbers, to the right.
void write_columns(std::ostream& output, const std::vector<Cells>& rows) {
  std::vector<Alignment> alignments(rows.front().size(), Alignment::kRight);
  alignments.front() = alignments.back() = Alignment::kLeft;
  write_text_table(output, rows, alignments);
}

void write_summary(std::ostream& output, const EvaluatedRun& run) {
  const Metrics& metrics = run.metrics;
  output << "top-1 accuracy            " << percent(metrics.top1) << "  (95% interval "
         << percent(metrics.top1_interval.low) << " to " << percent(metrics.top1_interval.high) << ")\n"
         << "top-5 accuracy            " << percent(metrics.top5) << '\n'
         << "mean per-class accuracy   " << percent(metrics.mean_per_class) << '\n';
  if (metrics.calibration_error)
    output << "calibration error (ECE)   " << percent(metrics.calibration_error) << '\n';
  if (run.at_threshold) {
    output << "with the threshold        " << percent(run.at_threshold->coverage)
           << " of the images answered, " << percent(run.at_threshold->accuracy) << " of these correctly\n";
  }
}

void write_class_lines(std::ostream& output, const EvaluatedRun& run) {
  std::vector<Cells> rows = {{"label", "images", "recall", "precision", "most often taken for"}};
  for (std::size_t c = 0; c < run.class_names.size(); ++c) {
    const ClassMetrics& metrics = run.metrics.classes[c];
    if (metrics.num_images == 0 && metrics.num_predicted == 0) continue;
    const std::optional<Confusion> confusion = most_frequent_confusion(run.metrics, c);
    rows.push_back({printable(run.class_names[c]), std::to_string(metrics.num_images),
                    percent(metrics.recall), percent(metrics.precision),
                    confusion ? printable(run.class_names[confusion->predicted]) + " (" +
                                    std::to_string(confusion->num_images) + ")"
                              : ""});
  }
  output << '\n';
  write_columns(output, rows);
}

/// "[3]", which stands for a name at the head of a column.
std::string column_mark(std::size_t index) {
  std::string mark = "[";
  mark += std::to_string(index + 1);
  mark += ']';
  return mark;
}

void write_matrix(std::ostream& output, const EvaluatedRun& run) {
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < run.class_names.size(); ++c) {
    if (run.metrics.classes[c].num_images > 0 || run.metrics.classes[c].num_predicted > 0) shown.push_back(c);
  }
  if (shown.size() > kMaxMatrixClasses) return;
  std::vector<Cells> rows = {{"is \\ taken for"}};
  for (std::size_t i = 0; i < shown.size(); ++i) rows[0].push_back(column_mark(i));
  rows[0].emplace_back();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    Cells row = {column_mark(i) + " " + printable(run.class_names[shown[i]])};
    for (const std::size_t predicted : shown) {
      const std::size_t count = run.metrics.confusion[shown[i] * run.class_names.size() + predicted];
      // Zeros would hide the numbers that matter.
      row.push_back(count == 0 ? "." : std::to_string(count));
    }
    row.emplace_back();
    rows.push_back(std::move(row));
  }
  output << '\n';
  write_columns(output, rows);
}

void write_worst_lines(std::ostream& output, const EvaluatedRun& run) {
  if (run.worst.empty()) return;
  std::vector<Cells> rows;
  for (const Mistake& mistake : run.worst) {
    rows.push_back({printable(run.class_names[mistake.predicted]),
                    format_score(mistake.confidence, run.score_kind),
                    "is " + printable(run.class_names[mistake.target]) + ": " + printable(mistake.path)});
  }
  output << "\nMost confident mistakes:\n";
  write_columns(output, rows);
}

void write_comparison(std::ostream& output, const Evaluation& evaluation) {
  std::vector<Cells> rows = {
      {"run", "top-1", "top-5", "per class", "ECE", "difference in points (95% interval)"}};
  for (const EvaluatedRun& run : evaluation.runs) {
    rows.push_back({printable(run.name), percent(run.metrics.top1), percent(run.metrics.top5),
                    percent(run.metrics.mean_per_class), percent(run.metrics.calibration_error),
                    run.against_first ? difference_text(*run.against_first) : ""});
  }
  write_columns(output, rows);
}

}  // namespace

void write_evaluation_text(std::ostream& output, const Evaluation& evaluation) {
  const EvaluatedRun& last = evaluation.runs.back();
  const auto num_classes = std::ranges::count_if(
      last.metrics.classes, [](const ClassMetrics& of_class) { return of_class.num_images > 0; });
  output << printable(evaluation.source) << ": " << last.metrics.num_images << " images of " << num_classes
         << " labels";
  if (!evaluation.training.empty()) output << ", " << evaluation.training.size() << " more as examples";
  if (evaluation.num_failed > 0) output << ", " << evaluation.num_failed << " could not be read";
  output << "\n\n";
  const bool is_comparison = evaluation.runs.size() > 1;
  if (is_comparison) write_comparison(output, evaluation);
  // The table is all that several models have in common. Few-shot runs are one model: details follow for the
  // last.
  if (is_comparison && evaluation.training.empty()) return;
  if (is_comparison) output << "\nWith the examples:\n";
  write_summary(output, last);
  write_class_lines(output, last);
  write_matrix(output, last);
  write_worst_lines(output, last);
}

std::string percent(std::optional<double> share) { return share ? percentage(*share) : "-"; }

std::string difference_text(const PairedComparison& comparison) {
  const auto points = [](double share) { return signed_digits(100 * share, 2); };
  return points(comparison.difference) + " (" + points(comparison.interval.low) + " to " +
         points(comparison.interval.high) + ")";
}

std::optional<Confusion> most_frequent_confusion(const Metrics& metrics, std::size_t target) {
  const std::size_t num_classes = metrics.classes.size();
  Confusion most;
  for (std::size_t predicted = 0; predicted < num_classes; ++predicted) {
    const std::size_t count = metrics.confusion[target * num_classes + predicted];
    if (predicted != target && count > most.num_images) most = {predicted, count};
  }
  return most.num_images == 0 ? std::nullopt : std::optional(most);
}

}  // namespace clipcls
