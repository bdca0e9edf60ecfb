#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace clipcls {

/// html: one page that needs nothing beside it. A card an image, written as it comes; the errors, which are
/// kept until then, at the end. The page around the cards is in html_report/.
class HtmlReport final : public ReportWriter {
 public:
  HtmlReport(std::ostream& output, ReportOptions options) : output_(&output), options_(std::move(options)) {}
  void write(const ImageResult& result) override;
  void finish() override;

 private:
  void begin();

  std::ostream* output_;
  ReportOptions options_;
  bool has_begun_ = false;
  std::vector<std::string> errors_;  ///< list items
};

}  // namespace clipcls
