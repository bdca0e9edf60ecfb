#include "table_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "format_score.h"
#include "table_cells.h"
#include "text_output/display_text.h"
#include "text_output/format_number.h"

namespace clipcls {

std::size_t max_predictions(const ReportOptions& options) {
  return std::min(options.top_k, options.labels.size());
}

std::vector<std::string> table_header(const ReportOptions& options) {
  if (options.is_long)
    return {"image", "rank", "label", "score", "similarity", "error_kind", "error_message"};
  std::vector<std::string> header = {"image"};
  for (std::size_t rank = 1; rank <= max_predictions(options); ++rank) {
    for (const char* column : {"label_", "score_", "similarity_"})
      header.push_back(column + std::to_string(rank));
  }
  header.insert(header.end(), {"error_kind", "error_message"});
  return header;
}

TableReport::TableReport(ReportFormat format, std::ostream& output, ReportOptions options)
    : format_(format), output_(&output), options_(std::move(options)) {}

/// Not before there is something to say: a run that fails at once writes nothing.
void TableReport::begin() {
  if (!has_begun_ && !options_.is_continued)
    *output_ << (options_.has_byte_order_mark ? kByteOrderMark : "")
             << write_record(table_header(options_), format_) << std::flush;
  has_begun_ = true;
}

void TableReport::finish() { begin(); }

std::string TableReport::text_cell(const std::string& text) const {
  // TSV escapes control characters in any case; CSV keeps them, and a terminal would obey them.
  const std::string visible = options_.is_terminal && format_ == ReportFormat::kCsv ? printable(text) : text;
  return options_.escapes_formulas ? escape_formula(visible) : visible;
}

void TableReport::write(const ImageResult& result) {
  begin();
  std::array<std::string, 2> error;
  if (result.error)
    error = {std::string(error_kind_name(result.error->kind())), text_cell(result.error->what())};
  const std::string image = text_cell(result.path);
  std::string records;
  std::vector<std::string> row = {image};
  const auto end_row = [&] {
    row.insert(row.end(), error.begin(), error.end());
    records += write_record(row, format_);
    row = {image};
  };
  for (std::size_t i = 0; i < result.predictions.size(); ++i) {
    const RankedAnswer& prediction = result.predictions[i];
    if (options_.is_long) row.push_back(std::to_string(i + 1));
    row.insert(row.end(), {text_cell(options_.labels[prediction.label_index]),
                           shortest_digits(result_score(prediction.score, options_.score_kind)),
                           shortest_digits(result_cosine(prediction.similarity))});
    if (options_.is_long) end_row();
  }
  if (!options_.is_long || result.predictions.empty()) {
    // Fewer predictions than columns: the rest stays empty, so that all rows are equally long.
    row.resize(table_header(options_).size() - error.size());
    end_row();
  }
  // All rows of an image in one piece: an interruption leaves whole images.
  *output_ << records << std::flush;
}

}  // namespace clipcls
