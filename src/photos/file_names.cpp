#include "file_names.h"

#include <linux/limits.h>

#include <algorithm>
#include <system_error>

#include "clipcls/error.h"
#include "place_file.h"

namespace clipcls {
namespace {

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

void cut_between_characters(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return;
  std::size_t end = max_bytes;
  while (end > 0 && is_continuation_byte(text[end])) --end;
  text.resize(end);
}

// The stem gives way, so that the ending keeps its place and the longest companion's name still fits.
std::string numbered_stem(std::string stem, int number, std::size_t num_bytes_behind) {
  if (number == 1) return stem;
  const std::string suffix = std::string("-").append(std::to_string(number));
  const std::size_t taken = std::min<std::size_t>(suffix.size() + num_bytes_behind, NAME_MAX);
  cut_between_characters(stem, NAME_MAX - taken);
  return stem + suffix;
}

std::filesystem::path absolute_path(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path result = std::filesystem::absolute(path, error);
  if (error) throw Error(ErrorKind::kOutput, path.string() + ": cannot be found: " + error.message());
  return result;
}

std::vector<std::filesystem::path> missing_folders(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> missing;
  for (std::filesystem::path path = folder; !path.empty() && !is_taken(path); path = path.parent_path())
    missing.push_back(path);
  // The outermost first, in the order in which they are made and the journal names them.
  std::ranges::reverse(missing);
  return missing;
}

void make_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error(ErrorKind::kOutput, folder.string() + ": cannot be made: " + error.message());
}

std::filesystem::path without_last_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace clipcls
