#include "text_output/text_table.h"

#include <algorithm>

#include "text_output/display_text.h"

namespace clipcls {

void write_text_table(std::ostream& output, const std::vector<std::vector<std::string>>& rows,
                      std::span<const Alignment> alignments) {
  std::vector<int> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], display_width(printable(row[i])));
  }
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = printable(row[i]);
      const std::string padding(static_cast<std::size_t>(widths[i] - display_width(cell)), ' ');
      const bool is_right = i < alignments.size() && alignments[i] == Alignment::kRight;
      line.append(i == 0 ? "" : "  ").append(is_right ? padding + cell : cell + padding);
    }
    // Without blanks at the end, which tools and people trip over.
    output << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

}  // namespace clipcls
