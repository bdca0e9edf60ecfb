// What a run that was interrupted has written, read back, so that the next run can go on behind it. Rows of
// other columns or of another format are refused: a report of two kinds could not be read by anybody.
#include "report/report_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "report/base64.h"
#include "table_cells.h"
#include "table_report.h"

namespace clipcls {
namespace {

[[noreturn]] void fail(std::size_t line, const std::string& problem) {
  throw Error(ErrorKind::kOutput, "line " + std::to_string(line) + " " + problem);
}

/// What one record says, as far as it matters here.
struct Row {
  std::string path;
  bool has_failed = false;
  bool begins_image = true;  ///< false: a further row of an image in a long table
  bool ends_image = true;    ///< false: the image may have further rows
};

std::optional<Row> parse_json_row(const std::string& line) {
  // A line that is no JSON is told by the caller, with its number.
  const auto row = nlohmann::json::parse(line, nullptr, false);
  if (!row.is_object() || !row.contains("image") || !row["image"].is_string()) return std::nullopt;
  const bool has_failed = row.contains("error");
  if (!row.contains("image_bytes")) return Row{row["image"].get<std::string>(), has_failed};
  if (!row["image_bytes"].is_string()) return std::nullopt;
  std::optional<std::string> path = decode_base64(row["image_bytes"].get<std::string>());
  if (!path) return std::nullopt;
  return Row{std::move(*path), has_failed};
}

std::optional<Row> parse_table_row(const std::string& record, ReportFormat format,
                                   const ReportOptions& options) {
  const auto cells = read_record(record, format);
  if (!cells || cells->size() != table_header(options).size()) return std::nullopt;
  Row row{options.escapes_formulas ? unescape_formula(cells->front()) : cells->front(),
          !cells->at(cells->size() - 2).empty()};
  if (options.is_long) {
    const std::string& rank = cells->at(1);
    // In a long table an image has a row for each prediction. Only the last possible one, or the next image,
    // shows that it is whole.
    row.begins_image = rank.empty() || rank == "1";
    row.ends_image = rank.empty() || rank == std::to_string(max_predictions(options));
  }
  return row;
}

/// Reads records, which hold their end of line; a csv record may be of several lines.
class RecordReader {
 public:
  RecordReader(std::istream& report, ReportFormat format)
      : report_(report), is_csv_(format == ReportFormat::kCsv) {}

  /// False: there is no whole record any more.
  bool read() {
    record_.clear();
    first_line_ = next_line_;
    std::string line;
    do {
      if (!std::getline(report_, line) || report_.eof()) return false;  // eof: without an end of line
      ++next_line_;
      // An odd number of quotes says that a csv record goes on in the next line.
      record_ += line + '\n';
    } while (is_csv_ && std::ranges::count(record_, '"') % 2 != 0);
    return true;
  }
  const std::string& record() const { return record_; }
  std::string content() const {
    return record_.substr(0, record_.size() - (is_csv_ && record_.ends_with("\r\n") ? 2 : 1));
  }
  std::size_t line() const { return first_line_; }

 private:
  std::istream& report_;
  bool is_csv_;
  std::string record_;
  std::size_t first_line_ = 1;
  std::size_t next_line_ = 1;
};

}  // namespace

ReportRows read_report_rows(std::istream& report, ReportFormat format, const ReportOptions& options,
                            const IsRedone& is_redone) {
  ReportRows rows;
  RecordReader reader(report, format);
  std::uint64_t num_bytes = 0;
  if (is_table(format)) {
    if (!reader.read()) return rows;
    // Rows of other columns behind this header would be a broken table.
    std::string_view header = reader.record();
    if (header.starts_with(kByteOrderMark)) header.remove_prefix(std::string_view(kByteOrderMark).size());
    if (header != write_record(table_header(options), format))
      fail(1,
           "is not the header of a report of these options (`format`, `top_k`, `is_long`, number of labels)");
    rows.num_bytes = num_bytes = reader.record().size();
  }
  // num_bytes says where a run goes on: behind the last image that is whole. What follows it is cut off.
  std::uint64_t image_begin = num_bytes;
  const auto count = [&](const Row& row) {
    rows.num_bytes = num_bytes;
    if (is_redone && is_redone(row.path, row.has_failed)) {
      rows.redone.push_back({image_begin, num_bytes});
      return;
    }
    ++rows.num_images;
    ++rows.num_rows[row.path];
    if (row.has_failed) ++rows.num_failed;
  };
  Row open;  // an image that may have further rows
  bool is_open = false;
  while (reader.read()) {
    std::optional<Row> row = is_table(format) ? parse_table_row(reader.content(), format, options)
                                              : parse_json_row(reader.content());
    if (!row) fail(reader.line(), "is not a row of a report of these options");
    if (is_open && row->begins_image) count(open);
    if (!is_open || row->begins_image) image_begin = num_bytes;
    num_bytes += reader.record().size();
    is_open = !row->ends_image;
    if (is_open) {
      open = std::move(*row);
    } else {
      count(*row);
    }
  }
  return rows;
}

}  // namespace clipcls
