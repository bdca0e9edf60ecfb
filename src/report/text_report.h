#pragma once

#include "report/report.h"

namespace clipcls {

/// Blocks of ranked labels. An image that failed has no block: its error goes to stderr.
class TextReport final : public ReportWriter {
 public:
  TextReport(std::ostream& output, ReportOptions options) : output_(&output), options_(std::move(options)) {}
  void write(const ImageResult& result) override;
  void finish() override {}

 private:
  std::ostream* output_;
  ReportOptions options_;
  bool is_first_ = true;
};

}  // namespace clipcls
