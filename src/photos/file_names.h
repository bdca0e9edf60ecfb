#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace clipcls {

/// Cuts `text` to at most `max_bytes`, between two characters of UTF-8.
void cut_between_characters(std::string& text, std::size_t max_bytes);

/// The stem that a file gets whose name is taken: photo-2 for number 2, photo for 1; short enough for a name
/// that has `num_bytes_behind` more bytes.
std::string numbered_stem(std::string stem, int number, std::size_t num_bytes_behind);

/// Throws Error (kOutput) where the working folder is gone.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// The folders of `folder`, an absolute path, that do not exist, the outermost first.
std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& folder);

/// Throws Error (kOutput).
void make_folders(const std::filesystem::path& folder);

/// "DIR" of "DIR/".
std::filesystem::path without_last_slash(const std::filesystem::path& path);

}  // namespace clipcls
