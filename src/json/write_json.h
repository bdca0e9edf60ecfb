#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace clipcls {

// Every text that this program gives away as JSON is written here: bytes that are not UTF-8, as names of
// files may hold, become U+FFFD instead of an error.

/// `value` in one line, or with `indent` blanks for each level.
std::string write_json(const nlohmann::ordered_json& value, int indent = -1);
std::string write_json(const nlohmann::json& value, int indent = -1);

/// A value for a message, in one line of bounded length.
std::string show_json(const nlohmann::json& value);
std::string show_json(const nlohmann::ordered_json& value);

/// The double whose shortest digits are those of the float: 0.1F is 0.1, not 0.10000000149011612.
double shortest_decimal(float value);

/// Writes a file of JSON in ASCII for people and diffs: a member of the outermost object a line, and in lists
/// of lists or objects an item a line. Throws Error (kOutput) that names the file.
void write_json_lines(const nlohmann::ordered_json& object, const std::filesystem::path& path);

}  // namespace clipcls
