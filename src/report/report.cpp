#include "report/report.h"

#include <utility>

#if !defined(CLIPCLS_WITHOUT_PAGES)
#include "html_report.h"
#endif
#include "json_report.h"
#include "no_pages.h"
#include "table_report.h"
#include "terminal_report.h"
#include "text_report.h"

namespace clipcls {

std::unique_ptr<ReportWriter> make_report_writer(ReportFormat format, std::ostream& output,
                                                 ReportOptions options) {
  if (format == ReportFormat::kText && options.style.columns > 0)
    return std::make_unique<TerminalReport>(output, std::move(options));
  if (format == ReportFormat::kText) return std::make_unique<TextReport>(output, std::move(options));
#if defined(CLIPCLS_WITHOUT_PAGES)
  if (format == ReportFormat::kHtml) throw no_pages();
#else
  if (format == ReportFormat::kHtml) return std::make_unique<HtmlReport>(output, std::move(options));
#endif
  if (is_table(format)) return std::make_unique<TableReport>(format, output, std::move(options));
  return std::make_unique<JsonReport>(output, std::move(options), format == ReportFormat::kJson);
}

}  // namespace clipcls
