// Cells are written so that read_record() gives back the very bytes: a later run finds its images by them.
#include "table_cells.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>

#include "files/csv.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

// RFC 4180: quotes around what holds a comma, a quote or a line end; a quote within is doubled.
std::string quote(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string hexadecimal(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("\\x{:02X}", static_cast<std::uint8_t>(c));
  return text;
}

// TSV has no quotes: a tab or line end in a cell has to be written another way, as have bytes that are no
// text.
std::string escape(std::string_view cell) {
  std::string escaped;
  while (!cell.empty()) {
    const std::string_view character = cell.substr(0, first_character_size(cell));
    cell.remove_prefix(character.size());
    if (character == "\t") {
      escaped += "\\t";
    } else if (character == "\n") {
      escaped += "\\n";
    } else if (character == "\r") {
      escaped += "\\r";
    } else if (character == "\\") {
      escaped += "\\\\";
    } else {
      escaped += is_plain_character(character) ? std::string(character) : hexadecimal(character);
    }
  }
  return escaped;
}

std::optional<std::string> unescape(std::string_view cell) {
  std::string text;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] != '\\') {
      text += cell[i];
      continue;
    }
    const char word = ++i < cell.size() ? cell[i] : '\0';
    if (word == 't' || word == 'n' || word == 'r' || word == '\\') {
      text += word == 't' ? '\t' : word == 'n' ? '\n' : word == 'r' ? '\r' : '\\';
      continue;
    }
    std::uint8_t byte = 0;
    const std::string_view digits = cell.substr(i).substr(word == 'x' ? 1 : 0, 2);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (word != 'x' || digits.size() != 2 || parsed.ptr != digits.data() + 2) return std::nullopt;
    text += static_cast<char>(byte);
    i += 2;
  }
  return text;
}

std::optional<std::vector<std::string>> read_tsv(std::string_view record) {
  std::vector<std::string> cells;
  for (;;) {
    const std::size_t end = record.find('\t');
    std::optional<std::string> cell = unescape(record.substr(0, end));
    if (!cell) return std::nullopt;
    cells.push_back(std::move(*cell));
    if (end == std::string_view::npos) return cells;
    record.remove_prefix(end + 1);
  }
}

}  // namespace

std::string write_record(const std::vector<std::string>& cells, ReportFormat format) {
  const bool is_csv = format == ReportFormat::kCsv;
  std::string record;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) record += is_csv ? ',' : '\t';
    record += is_csv ? quote(cell) : escape(cell);
  }
  return record + (is_csv ? "\r\n" : "\n");
}

std::optional<std::vector<std::string>> read_record(std::string_view record, ReportFormat format) {
  return format == ReportFormat::kCsv ? read_csv_row(record) : read_tsv(record);
}

// Spreadsheets compute cells that begin so, and a file's name comes from anybody. The apostrophe itself is
// among them, so that the way back is exact.
std::string escape_formula(const std::string& text) {
  return !text.empty() && std::string_view("=+-@\t\r'").find(text.front()) != std::string_view::npos
             ? "'" + text
             : text;
}

std::string unescape_formula(const std::string& text) {
  return text.starts_with('\'') ? text.substr(1) : text;
}

}  // namespace clipcls
