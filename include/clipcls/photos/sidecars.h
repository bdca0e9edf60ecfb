#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace clipcls {

// Note [Sidecar names]. Two customs: darktable, digiKam and immich append (photo.jpg.xmp), Adobe's programs
// and Capture One replace the extension (photo.xmp), where a raw file and its JPEG share one sidecar.
// darktable keeps further versions of a photo's development in photo_01.jpg.xmp, photo_02.jpg.xmp, …

enum class SidecarName {
  kAppended,  ///< photo.jpg.xmp
  kReplaced,  ///< photo.xmp
};

std::filesystem::path sidecar_path(const std::filesystem::path& photo, SidecarName name);

/// A sidecar that lies beside a photo.
struct Sidecar {
  std::filesystem::path path;
  std::string after_stem;        ///< "_01" of a darktable version
  bool keeps_extension = false;  ///< of the photo, before `suffix`
  std::string suffix;            ///< ".xmp" or ".XMP"

  /// What it is called beside a photo of another name.
  std::string name_beside(const std::filesystem::path& photo) const;
};

/// Finds what goes along when a photo is moved or copied.
class SidecarFinder {
 public:
  /// The sidecars of `photo` that exist. photo.xmp is left out where another photo of that stem lies beside
  /// it: it is theirs as well.
  std::vector<Sidecar> find(const std::filesystem::path& photo);

 private:
  bool is_shared(const std::filesystem::path& photo);

  std::filesystem::path folder_;                  ///< that was counted last
  std::map<std::string, std::size_t> num_files_;  ///< of a stem, sidecars left out
};

}  // namespace clipcls
