#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/flags/document_format.h"

namespace clipcls {

/// Prints what a command lists: `document` as JSON, or `rows` as a table, the first of which is its heading.
/// Throws Error (kOutput).
void print_list(DocumentFormat format, const nlohmann::ordered_json& document,
                const std::vector<std::vector<std::string>>& rows);

}  // namespace clipcls
