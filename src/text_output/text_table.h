#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace clipcls {

/// Writes rows of equally many cells with their columns aligned, two blanks between them; control characters
/// are made visible.
void write_text_table(std::ostream& output, const std::vector<std::vector<std::string>>& rows);

}  // namespace clipcls
