#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <unordered_map>
#include <vector>

#include "report/report.h"

namespace clipcls {

/// Bytes of a file, from `begin` to before `end`.
struct ByteRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// What a jsonl, csv or tsv report that may have been cut short holds.
struct ReportRows {
  std::unordered_map<std::string, std::size_t> num_rows;  ///< images by their path
  std::size_t num_images = 0;
  std::size_t num_failed = 0;     ///< images with an error, of those
  std::uint64_t num_bytes = 0;    ///< of the whole rows; what is behind them is torn
  std::vector<ByteRange> redone;  ///< rows of images that are done again: they do not count above
};

/// Whether the image at `path` is to be done again.
using IsRedone = std::function<bool(const std::string& path, bool has_failed)>;

/// Reads a report of `format` that a ReportWriter of `options` wrote. A last image of a long table that may
/// miss rows counts as torn. Throws Error (kOutput) that names the line when it is something else, or of
/// other columns; the message does not name the file: the caller knows it.
ReportRows read_report_rows(std::istream& report, ReportFormat format, const ReportOptions& options,
                            const IsRedone& is_redone = {});

}  // namespace clipcls
