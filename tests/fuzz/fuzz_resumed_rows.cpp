// The rows that --resume reads. The first byte chooses the format.
#include <sstream>

#include "fuzzer.h"
#include "report/report_rows.h"

namespace clipcls {
namespace {

ReportRows read_rows(const std::string& text, ReportFormat format, const ReportOptions& options) {
  std::istringstream report(text);
  return read_report_rows(report, format, options);
}

}  // namespace

CLIPCLS_FUZZ_TARGET(resumed_rows) {
  if (size == 0) return 0;
  constexpr ReportFormat kFormats[] = {ReportFormat::kJsonl, ReportFormat::kCsv, ReportFormat::kTsv};
  const ReportFormat format = kFormats[data[0] % 3];
  ReportOptions options;
  options.labels = {"cat", "dog", "shark"};
  options.top_k = 2;
  options.is_long = (data[0] & 0x10) != 0;
  options.escapes_formulas = (data[0] & 0x20) != 0;
  const std::string text(as_text({data + 1, size - 1}));
  accepts(ErrorKind::kOutput, [&] {
    const ReportRows rows = read_rows(text, format, options);
    require(rows.num_bytes <= text.size(), "whole rows are no longer than the file");
    require(rows.num_failed <= rows.num_images, "no more images failed than there are");
    const ReportRows again = read_rows(text.substr(0, rows.num_bytes), format, options);
    if (options.is_long) {  // the last image may now be one that misses rows
      require(again.num_bytes <= rows.num_bytes && again.num_images + 1 >= rows.num_images,
              "of a long table that was cut where it is torn, at most the last image counts as torn");
      return;
    }
    require(again.num_bytes == rows.num_bytes && again.num_rows == rows.num_rows,
            "a file that was cut where it is torn has the same rows");
  });
  return 0;
}

}  // namespace clipcls
