#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "clipcls/error.h"

namespace clipcls {

/// `text` as JSON. Throws Error (`kind`): "PLACE: is nested too deeply", "… is not valid JSON at byte N",
/// "… has a number that is too large".
nlohmann::json parse_json(std::string_view text, const std::string& place, ErrorKind kind);

/// The JSON in `path`. Throws what parse_json() and read_file() throw; `remedy` ends the message about a file
/// that cannot be read.
nlohmann::json parse_json_file(const std::filesystem::path& path, ErrorKind kind, const std::string& remedy);

}  // namespace clipcls
