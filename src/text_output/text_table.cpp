#include "text_output/text_table.h"

#include <algorithm>

#include "text_output/display_text.h"

namespace clipcls {

void write_text_table(std::ostream& output, const std::vector<std::vector<std::string>>& rows) {
  std::vector<int> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(printable(row[i])));
    }
  }
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    int column = 0;  // where the next cell starts
    for (std::size_t i = 0; i < row.size(); ++i) {
      const int padding = row[i].empty() ? 0 : std::max(0, column - display_width(line));
      line += std::string(static_cast<std::size_t>(padding), ' ') + printable(row[i]);
      column += widths[i] + 2;
    }
    output << line << '\n';
  }
}

}  // namespace clipcls
