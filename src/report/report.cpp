#include "clipcls/report/report.h"

#include <utility>

#include "html_report.h"
#include "json_report.h"
#include "table_report.h"
#include "text_report.h"

namespace clipcls {

std::unique_ptr<ReportWriter> make_report_writer(ReportFormat format, std::ostream& output,
                                                 ReportOptions options) {
  if (format == ReportFormat::kText) return std::make_unique<TextReport>(output, std::move(options));
  if (format == ReportFormat::kHtml) return std::make_unique<HtmlReport>(output, std::move(options));
  if (is_table(format)) return std::make_unique<TableReport>(format, output, std::move(options));
  return std::make_unique<JsonReport>(output, std::move(options), format == ReportFormat::kJson);
}

}  // namespace clipcls
