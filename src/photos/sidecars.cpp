#include "clipcls/photos/sidecars.h"

#include <system_error>

namespace clipcls {
namespace {

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool is_sidecar(const std::filesystem::path& path) {
  return path.extension() == ".xmp" || path.extension() == ".XMP";
}

std::string version_suffix(int number) {
  return std::string(number < 10 ? "_0" : "_").append(std::to_string(number));
}

}  // namespace

std::filesystem::path sidecar_path(const std::filesystem::path& photo, SidecarName name) {
  std::filesystem::path path = photo;
  if (name == SidecarName::kReplaced) return path.replace_extension(".xmp");
  path += ".xmp";
  return path;
}

std::string Sidecar::name_beside(const std::filesystem::path& photo) const {
  return photo.stem().string() + after_stem + (keeps_extension ? photo.extension().string() : "") + suffix;
}

std::vector<Sidecar> SidecarFinder::find(const std::filesystem::path& photo) {
  std::vector<Sidecar> found;
  const auto add_if_there = [&](Sidecar sidecar) {
    sidecar.path = photo.parent_path() / sidecar.name_beside(photo);
    const bool is_found = sidecar.path != photo && is_there(sidecar.path);
    if (is_found) found.push_back(std::move(sidecar));
    return is_found;
  };
  for (const char* suffix : {".xmp", ".XMP"}) {
    if (photo.has_extension()) add_if_there({{}, "", true, suffix});
    if (add_if_there({{}, "", false, suffix}) && is_shared(photo)) found.pop_back();
  }
  for (int number = 1; add_if_there({{}, version_suffix(number), true, ".xmp"}); ++number) {
  }
  return found;
}

bool SidecarFinder::is_shared(const std::filesystem::path& photo) {
  const std::filesystem::path folder = photo.parent_path();
  if (folder != folder_ || num_files_.empty()) {
    folder_ = folder;
    num_files_.clear();
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      if (!is_sidecar(entry.path())) ++num_files_[entry.path().stem().string()];
    }
  }
  return num_files_[photo.stem().string()] > 1;
}

}  // namespace clipcls
