#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clipcls {

// Note [Companions]. What belongs to a photo lies beside it under its stem or its whole name: IMG_1.CR2,
// IMG_1.MOV, IMG_1.AAE and IMG_1.xmp of IMG_1.jpg, and IMG_1.jpg.xmp, IMG_1.jpg.json, IMG_1.jpg.pp3, and
// IMG_1.CR2.xmp, which belongs to the raw file. Sidecars have two customs: darktable, digiKam and immich
// append (photo.jpg.xmp), Adobe's programs and Capture One replace the extension (photo.xmp), where a raw
// file and its JPEG share one. darktable keeps further versions of a photo's development in photo_01.jpg.xmp,
// photo_02.jpg.xmp, … 2024.05.jpg is no companion of 2024.jpg.

enum class SidecarName {
  kAppended,  ///< photo.jpg.xmp
  kReplaced,  ///< photo.xmp
};

std::filesystem::path sidecar_path(const std::filesystem::path& photo, SidecarName name);

/// A file that lies beside a photo and belongs to it.
struct Companion {
  std::filesystem::path path;
  std::string after_stem;  ///< what follows the photo's stem: ".CR2", ".jpg.json", "_01.jpg.xmp"
  std::string picture;     ///< another picture that it is, or belongs to, by picture_key(); empty: none
};

/// Finds what belongs to a photo. The names of a folder are read once, and those of some folders kept.
class CompanionFinder {
 public:
  /// `is_picture_name`: whether a file of that name is one that a run may be given, as the photo itself.
  explicit CompanionFinder(std::function<bool(std::string_view)> is_picture_name);

  /// Files for which `stays` is true belong to the run and to no photo, whatever they are called.
  void leave_in_place(std::function<bool(const std::filesystem::path&)> stays) { stays_ = std::move(stays); }

  /// Where `is_part(name, photo)` is true, the picture of that name beside `photo` comes as no photo of its
  /// own: it is the same photograph.
  void count_as_part(std::function<bool(std::string_view, std::string_view)> is_part) {
    is_part_ = std::move(is_part);
  }

  /// The companions of `photo`, by name. Throws Error (kOutput) when its folder cannot be listed.
  std::vector<Companion> find(const std::filesystem::path& photo);

  /// The names of the other pictures of `photo`'s stem in its folder. Throws as find() does.
  std::vector<std::string> other_pictures(const std::filesystem::path& photo);

  /// The names of the pictures of its stem that are part of it. Throws as find() does.
  std::vector<std::string> parts(const std::filesystem::path& photo);

  /// The same for a photo by whichever path: its folder's device and inode, and its name.
  std::string picture_key(const std::filesystem::path& photo);

  /// `file` has been made since its folder was read, perhaps.
  void add(const std::filesystem::path& file);

 private:
  struct Folder {
    std::string key;
    std::set<std::string> names;  ///< of what is no folder
  };

  Folder& read(const std::filesystem::path& path);
  bool comes_by_itself(const std::string& picture, const std::string& photo) const;

  std::function<bool(std::string_view)> is_picture_name_;
  std::function<bool(std::string_view, std::string_view)> is_part_ = [](auto, auto) { return false; };
  std::function<bool(const std::filesystem::path&)> stays_ = [](const auto&) { return false; };
  std::map<std::string, Folder> folders_;
  std::size_t num_names_ = 0;
};

}  // namespace clipcls
