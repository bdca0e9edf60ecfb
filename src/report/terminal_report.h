#pragma once

#include <string>

#include "report/report.h"

namespace clipcls {

/// text for a terminal: the block with bars; with one label for each of several images a line an image; where
/// files are sorted, "FILE -> FOLDER". An image that failed has none: its error goes to stderr.
class TerminalReport final : public ReportWriter {
 public:
  TerminalReport(std::ostream& output, ReportOptions options);
  void write(const ImageResult& result) override;
  void finish() override {}

 private:
  std::string block(const ImageResult& result);
  std::string line(const ImageResult& result);
  std::string move(const ImageResult& result) const;
  std::string score_text(const RankedAnswer& prediction) const;
  std::string no_score_text() const;

  std::ostream* output_;
  ReportOptions options_;
  bool is_first_ = true;
  int name_columns_ = 0;  ///< of the lines so far
  int label_columns_ = 0;
};

}  // namespace clipcls
