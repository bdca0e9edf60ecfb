#pragma once

#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace clipcls {

enum class Alignment { kLeft, kRight };

/// Writes rows with their columns aligned, two blanks between them and none at the ends of lines; control
/// characters are made visible. Columns without an alignment of their own stand at the left.
void write_text_table(std::ostream& output, const std::vector<std::vector<std::string>>& rows,
                      std::span<const Alignment> alignments = {});

}  // namespace clipcls
