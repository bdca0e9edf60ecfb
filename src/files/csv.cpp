#include "files/csv.h"

#include <algorithm>
#include <string_view>

#include "clipcls/error.h"
#include "files/text_file.h"

namespace clipcls {
namespace {

/// Walks through the text once.
class Parser {
 public:
  Parser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  std::vector<std::string> cells() {
    std::vector<std::string> result;
    do result.push_back(cell());
    while (take(','));
    return result;
  }

  bool is_at_end() const { return position_ == text_.size(); }

  // RFC 4180, and what spreadsheets make of it: rows end in CR LF, LF or CR; a last row needs no end.
  std::vector<CsvRow> rows() {
    std::vector<CsvRow> result;
    while (position_ < text_.size()) {
      CsvRow row = {line_, cells()};
      const bool has_return = take('\r');
      if (!take('\n') && !has_return && position_ < text_.size()) fail("has text behind a closing quote");
      ++line_;
      // An empty line is no row.
      if (row.cells.size() > 1 || !row.cells.front().empty()) result.push_back(std::move(row));
    }
    return result;
  }

 private:
  [[noreturn]] void fail(const char* message) const {
    throw Error(ErrorKind::kInvalidArgument, file_ + ":" + std::to_string(line_) + ": " + message);
  }

  bool take(char wanted) {
    if (position_ == text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  std::string cell() {
    std::string result;
    if (!take('"')) {
      const std::size_t end = std::min(text_.find_first_of(",\r\n", position_), text_.size());
      result = text_.substr(position_, end - position_);
      position_ = end;
      return result;
    }
    const std::size_t first_line = line_;
    for (; position_ < text_.size(); ++position_) {
      if (text_[position_] == '"') {
        ++position_;
        // A doubled quote is one quote of the text. Any other one ends the cell.
        if (position_ == text_.size() || text_[position_] != '"') return result;
      }
      result += text_[position_];
      // A quoted cell may hold line ends; errors name the line in the file.
      if (text_[position_] == '\n') ++line_;
    }
    // Such a cell goes on to the end of the file, and its first line is the one to mend.
    line_ = first_line;
    fail("has a quote that is not closed");
  }

  std::string_view text_;
  std::string file_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

std::optional<std::vector<std::string>> read_csv_row(std::string_view row) {
  Parser parser(row, "");
  try {
    std::vector<std::string> cells = parser.cells();
    if (parser.is_at_end()) return cells;
  } catch (const Error&) {
    // A quote that is not closed.
  }
  return std::nullopt;
}

std::vector<CsvRow> read_csv_rows(const std::string& file) {
  const std::string text =
      read_text_file(file, ErrorKind::kInvalidArgument, "a table is a CSV file with rows path,label");
  // No text has one: this is a table in some program's own format.
  if (const std::size_t nul = text.find('\0'); nul != std::string::npos) {
    const auto line = 1 + std::ranges::count(std::string_view(text).substr(0, nul), '\n');
    throw Error(ErrorKind::kInvalidArgument, place_of(file) + ":" + std::to_string(line) +
                                                 ": holds a NUL byte; this is not a CSV file in UTF-8");
  }
  return Parser(text, place_of(file)).rows();
}

}  // namespace clipcls
