#include "terminal_report.h"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "format_score.h"
#include "table_report.h"
#include "text_output/display_text.h"
#include "text_output/terminal_text.h"

namespace clipcls {
namespace {

constexpr int kMinLabelColumns = 16;  // as in a pipe
constexpr int kScoreColumns = 7;      // 100.00%
constexpr int kMaxBarColumns = 30;
constexpr int kMinBarColumns = 4;
constexpr const char* kBetween = "  ";

}  // namespace

TerminalReport::TerminalReport(std::ostream& output, ReportOptions options)
    : output_(&output), options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.labels.size() && label_columns_ < kMinLabelColumns; ++i)
    label_columns_ = std::max(label_columns_, display_width(printable(options_.labels[i])));
  label_columns_ = std::min(label_columns_, kMinLabelColumns);
}

void TerminalReport::write(const ImageResult& result) {
  if (result.error) return;
  const bool is_line = options_.has_several_images && max_predictions(options_) == 1;
  *output_ << (options_.style.shows_moves ? move(result) : is_line ? line(result) : block(result));
  is_first_ = false;
  output_->flush();
}

std::string TerminalReport::score_text(const RankedAnswer& prediction) const {
  return format_score(prediction.score, options_.score_kind);
}

/// What stands in the place of predictions.
std::string TerminalReport::no_score_text() const {
  if (!options_.threshold) return "";
  return "(no score of " + format_score(*options_.threshold, options_.score_kind) + " or more)";
}

std::string TerminalReport::block(const ImageResult& result) {
  const TextStyle& style = options_.style;
  std::string text = is_first_ ? "" : "\n";
  text += options_.has_several_images ? styled_name(result.path, style) + ":\n" : "Top predictions:\n\n";
  if (result.predictions.empty()) return text + no_score_text() + "\n";
  // A label as wide as the terminal would push its score into the next line.
  const int most = std::max(kMinLabelColumns, style.columns - 1 - 2 - kScoreColumns);
  std::vector<std::string> labels;
  int columns = kMinLabelColumns;
  int score_columns = 0;
  for (const RankedAnswer& prediction : result.predictions) {
    labels.push_back(shortened_to(printable(options_.labels[prediction.label_index]), most));
    columns = std::max(columns, display_width(labels.back()));
    score_columns = std::max(score_columns, display_width(score_text(prediction)));
  }
  const int bar_columns = std::min(kMaxBarColumns, style.columns - 1 - columns - 2 - score_columns - 2);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::string score = score_text(result.predictions[i]);
    text += padding(display_width(labels[i]), columns) + (i == 0 ? styled_best(labels[i], style) : labels[i]);
    text += ": " + padding(display_width(score), score_columns) + score;
    const std::string length =
        bar_columns < kMinBarColumns ? "" : bar(result.predictions[i].score, bar_columns, style.is_utf8);
    text += (length.empty() ? "" : kBetween + length) + "\n";
  }
  return text;
}

std::string TerminalReport::line(const ImageResult& result) {
  const TextStyle& style = options_.style;
  // Names that are still to come are not known. A long one is not cut, and does not move all others.
  const int width = display_width(printable(result.path));
  const int most = std::max(0, style.columns - 1 - kMinLabelColumns - kScoreColumns - 4);
  name_columns_ = std::max(name_columns_, std::min(width, most));
  const std::string name = styled_name(result.path, style) + padding(width, name_columns_) + kBetween;
  if (result.predictions.empty()) return name + no_score_text() + "\n";
  const RankedAnswer& best = result.predictions.front();
  const std::string label = printable(options_.labels[best.label_index]);
  const std::string score = score_text(best);
  label_columns_ = std::max(label_columns_, std::min(display_width(label), style.columns / 3));
  return name + styled_best(label, style) + padding(display_width(label), label_columns_) + kBetween +
         padding(display_width(score), kScoreColumns) + score + "\n";
}

std::string TerminalReport::move(const ImageResult& result) const {
  const TextStyle& style = options_.style;
  if (result.sorted_into.empty()) {
    const std::string text = styled_name(result.path, style) + " stays";
    if (result.predictions.empty()) return text + "\n";
    const RankedAnswer& best = result.predictions.front();
    return text + ": " + printable(options_.labels[best.label_index]) + " " + score_text(best) + "\n";
  }
  const std::filesystem::path target = result.sorted_into;
  // A folder that has a file of the name already gives it another one.
  const bool has_its_name = target.filename() == std::filesystem::path(result.path).filename();
  const std::string where = has_its_name ? target.parent_path().string() : target.string();
  const std::string shown = styled_best(printable(where), style);
  return printable(result.path) + " -> " +
         (style.has_links ? linked(shown, target.string(), style.host) : shown) + "\n";
}

}  // namespace clipcls
