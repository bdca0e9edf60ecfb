#include <fmt/format.h>

#include "evaluation_formats.h"
#include "evaluation_plots.h"
#include "format_score.h"
#include "text_output/html_text.h"

namespace clipcls {
namespace {

constexpr const char* kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:1100px;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;border-bottom:1px solid #ddd;"
    "text-align:right;white-space:nowrap}th{white-space:normal}td:first-child,th:first-child,.left{text-"
    "align:left}svg "
    "text{font:12px system-ui,"
    "sans-serif;fill:#333}svg .count{font-size:11px}.plot{width:460px;max-width:100%}.matrix{max-width:100%}"
    ".plots{display:flex;flex-wrap:wrap;gap:1.5em}h2{margin-top:2em}.key{display:inline-block;width:.8em;"
    "height:.8em;margin-right:.4em}figure{margin:0}figcaption{color:#555;font-size:13px}"
    "code{overflow-wrap:anywhere}";

void write_cells(std::ostream& output, const char* tag, const std::vector<std::string>& cells) {
  output << "<tr>";
  for (const std::string& cell : cells) output << '<' << tag << '>' << cell << "</" << tag << '>';
  output << "</tr>\n";
}

std::string p_value_text(double p_value) { return fmt::format("{:.3g}", p_value); }

void write_runs(std::ostream& output, const Evaluation& evaluation) {
  output << "<table>\n";
  write_cells(output, "th",
              {"run", "top-1", "95% interval", "top-5", "per class", "ECE",
               "difference in points (95% interval)", "McNemar p"});
  for (std::size_t i = 0; i < evaluation.runs.size(); ++i) {
    const EvaluatedRun& run = evaluation.runs[i];
    const Metrics& metrics = run.metrics;
    write_cells(output, "td",
                {"<span class=\"key\" style=\"background:" + run_colour(i) + "\"></span>" +
                     html_escape(run.name) + " (" + html_escape(run.model) + ", " + run.precision + ")",
                 percent(metrics.top1),
                 percent(metrics.top1_interval.low) + " to " + percent(metrics.top1_interval.high),
                 percent(metrics.top5), percent(metrics.mean_per_class), percent(metrics.calibration_error),
                 run.against_first ? difference_text(*run.against_first) : "",
                 run.against_first ? p_value_text(run.against_first->p_value) : ""});
  }
  output << "</table>\n";
}

void write_classes(std::ostream& output, const EvaluatedRun& run) {
  output << "<table>\n";
  write_cells(output, "th", {"label", "images", "recall", "precision", "most often taken for"});
  for (std::size_t c = 0; c < run.class_names.size(); ++c) {
    const ClassMetrics& metrics = run.metrics.classes[c];
    // A list of a thousand labels may meet pictures of ten: rows of nothing but zeros are left out.
    if (metrics.num_images == 0 && metrics.num_predicted == 0) continue;
    const std::optional<Confusion> confusion = most_frequent_confusion(run.metrics, c);
    write_cells(output, "td",
                {html_escape(run.class_names[c]), std::to_string(metrics.num_images), percent(metrics.recall),
                 percent(metrics.precision),
                 confusion ? html_escape(run.class_names[confusion->predicted]) + " (" +
                                 std::to_string(confusion->num_images) + ")"
                           : ""});
  }
  output << "</table>\n";
}

void write_worst(std::ostream& output, const EvaluatedRun& run) {
  if (run.worst.empty()) return;
  output << "<h3>Most confident mistakes</h3>\n<table>\n";
  write_cells(output, "th", {"taken for", "score", "is", "image"});
  for (const Mistake& mistake : run.worst) {
    write_cells(
        output, "td",
        {html_escape(run.class_names[mistake.predicted]), format_score(mistake.confidence, run.score_kind),
         html_escape(run.class_names[mistake.target]), "<code>" + html_escape(mistake.path) + "</code>"});
  }
  output << "</table>\n";
}

}  // namespace

void write_evaluation_html(std::ostream& output, const Evaluation& evaluation) {
  // All runs saw the same pictures, so the first one's number is that of all.
  const EvaluatedRun& first = evaluation.runs.front();
  output << "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>clipcls eval: "
         << html_escape(evaluation.source) << "</title><style>" << kStyle << "</style></head><body>\n<h1>"
         << html_escape(evaluation.source) << "</h1>\n<p>" << first.metrics.num_images << " images";
  if (!evaluation.training.empty()) output << ", " << evaluation.training.size() << " more as examples";
  if (evaluation.num_failed > 0) output << ", " << evaluation.num_failed << " could not be read";
  output
      << ". Intervals are Wilson's for a share, and of " << kNumResamples
      << " paired bootstrap resamples for a difference to the first run; ECE is the calibration error over "
      << kNumReliabilityBins << " bins.</p>\n";
  write_runs(output, evaluation);
  output
      << "<figure>" << coverage_plot(evaluation)
      << "<figcaption>What a threshold costs: images answered, and answers that are right. Point at a mark "
         "for its threshold.</figcaption></figure>\n";
  // The comparison stands on top; here are the details of each run.
  for (const EvaluatedRun& run : evaluation.runs) {
    output << "<h2>" << html_escape(run.name) << "</h2>\n<div class=\"plots\"><figure>" << confusion_plot(run)
           << "<figcaption>Rows: what the images show; columns: what they were taken for.</figcaption>"
              "</figure>\n";
    if (run.metrics.calibration_error) {
      output
          << "<figure>" << reliability_plot(run)
          << "<figcaption>On the line a score of 80% is right in 80% of the cases.</figcaption></figure>\n";
    }
    output << "</div>\n";
    write_classes(output, run);
    write_worst(output, run);
  }
  output << "</body></html>\n";
}

}  // namespace clipcls
