#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace clipcls {

// csv is RFC 4180 to the letter: cells with a comma, a quote or an end of line are quoted, quotes in them are
// doubled, and records end in CR LF. All bytes stand as they are.
//
// tsv is for the shell: records end in LF and every record is one line. Tab, LF, CR and backslash are written
// \t, \n, \r and \\; other control characters and bytes that are not UTF-8 are written \xNN, byte by byte.

/// `cells` as one record with its end of line.
std::string write_record(const std::vector<std::string>& cells, ReportFormat format);

/// The cells of a record, without its end of line; none: write_record() would not have written it.
std::optional<std::vector<std::string>> read_record(std::string_view record, ReportFormat format);

/// `text`, with a leading apostrophe where a spreadsheet could take it for a formula: it begins with = + - @,
/// a tab or a CR. One that begins with an apostrophe gets another, so that nothing is lost.
std::string escape_formula(const std::string& text);
std::string unescape_formula(const std::string& text);

}  // namespace clipcls
