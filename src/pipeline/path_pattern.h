#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// Whether a file or folder in a folder is meant by a shell pattern (*, ?, [a-z]), case and all. `path`:
/// relative to the folder that was asked for. A pattern without a slash is one of names, wherever they are;
/// one with a slash is one of `path`, from its beginning, and * and ? stand for no slash. A slash at the end:
/// folders alone.
bool matches_path_pattern(std::string_view pattern, const std::string& path, bool is_folder);

}  // namespace clipcls
