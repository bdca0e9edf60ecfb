#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <unordered_map>

#include "report/report.h"

namespace clipcls {

/// What a jsonl, csv or tsv report that may have been cut short holds.
struct ReportRows {
  std::unordered_map<std::string, std::size_t> num_rows;  ///< images by their path
  std::size_t num_images = 0;
  std::size_t num_failed = 0;   ///< images with an error, of those
  std::uint64_t num_bytes = 0;  ///< of the whole rows; what is behind them is torn
};

/// Reads a report of `format` that a ReportWriter of `options` wrote. A last image of a long table that may
/// miss rows counts as torn. Throws Error (kOutput) that names the line when it is something else, or of
/// other columns; the message does not name the file: the caller knows it.
ReportRows read_report_rows(std::istream& report, ReportFormat format, const ReportOptions& options);

}  // namespace clipcls
