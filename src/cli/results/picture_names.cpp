#include "cli/results/picture_names.h"

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "pipeline/image_name.h"

namespace clipcls {
namespace {

std::string ending_of(std::string_view name) {
  std::string ending = std::filesystem::path(name).extension().string();
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return ending;
}

}  // namespace

PictureNames picture_names(const InputFlags& input) {
  std::set<std::string> endings;
  for (const std::string& image : input.images) endings.insert(ending_of(image));
  endings.erase("");
  const RawFiles raw_files = input.raw.raw_files();
  // A list may name raw files, and is not read twice.
  const bool may_be_listed = !input.files_from.empty();
  PictureNames names;
  names.is_picture = [=](std::string_view name) {
    if (endings.contains(ending_of(name))) return true;
    return is_image_name(name) && (raw_files != RawFiles::kNone || may_be_listed || !is_raw_name(name));
  };
  names.is_part = [=](std::string_view name, std::string_view photo) {
    return is_raw_name(name) && is_developed_name(photo) && raw_files != RawFiles::kAll && !may_be_listed &&
           !endings.contains(ending_of(name));
  };
  return names;
}

bool is_pair(std::string_view name, std::string_view other) {
  return (is_raw_name(name) && is_developed_name(other)) || (is_raw_name(other) && is_developed_name(name));
}

}  // namespace clipcls
