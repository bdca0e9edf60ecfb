#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace clipcls {

/// The header of a csv or tsv report. A row an image: image, label_1, score_1, similarity_1, label_2, …,
/// error_kind, error_message, with as many groups as there can be predictions. A row a prediction: image,
/// rank, label, score, similarity, error_kind, error_message; an image that failed is one row without a rank.
std::vector<std::string> table_header(const ReportOptions& options);

/// What a table may begin with.
inline constexpr const char* kByteOrderMark = "\xEF\xBB\xBF";

/// Predictions that an image can have.
std::size_t max_predictions(const ReportOptions& options);

/// csv and tsv: see table_cells.h. The rows of an image are written at once.
class TableReport final : public ReportWriter {
 public:
  TableReport(ReportFormat format, std::ostream& output, ReportOptions options);
  void write(const ImageResult& result) override;
  void finish() override;

 private:
  void begin();
  std::string text_cell(const std::string& text) const;

  ReportFormat format_;
  std::ostream* output_;
  ReportOptions options_;
  bool has_begun_ = false;
};

}  // namespace clipcls
