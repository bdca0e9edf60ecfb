#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

struct CsvRow {
  std::size_t line = 0;  ///< where it starts, from 1
  std::vector<std::string> cells;
};

/// The cells of one row without its end of line; none where it is no row of RFC 4180.
std::optional<std::vector<std::string>> read_csv_row(std::string_view row);

/// The rows of a CSV file (RFC 4180: a cell with a comma, a quote or a line break is in quotes, quotes inside
/// are doubled; rows end in CR LF, LF or CR); blank lines and a byte-order mark are skipped. "-" is standard
/// input. Throws Error (kInvalidArgument) that names the line.
std::vector<CsvRow> read_csv_rows(const std::string& file);

}  // namespace clipcls
