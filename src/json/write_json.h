#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace clipcls {

/// The shortest decimal that reads back as the same float: 0.1F is 0.1, not 0.10000000149011612.
double shortest_decimal(float value);

/// Writes JSON for people and diffs: a member of the outermost object a line, and in lists of lists or
/// objects an item a line. Throws Error (kOutput) that names the file.
void write_json_lines(const nlohmann::ordered_json& object, const std::filesystem::path& path);

}  // namespace clipcls
