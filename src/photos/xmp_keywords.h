#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace clipcls {

struct LibXml;

/// Keywords of photos in XMP sidecars.
class XmpKeywords {
 public:
  /// Opens libxml2. Throws Error (kOutput) when it is not there.
  XmpKeywords();

  /// Adds `keywords` to dc:subject of a sidecar, which is made if there is none, and to digiKam:TagsList and
  /// lr:hierarchicalSubject where it has them, since digiKam and Lightroom prefer those to dc:subject. All
  /// else that the sidecar says stays. True when the file was changed: one that has the keywords is not
  /// touched. The new file takes the place of the old one when it is whole and on the disk. Throws Error
  /// (kOutput) when the file cannot be read, is no XMP or cannot be written, and then leaves it as it was.
  bool add(const std::filesystem::path& sidecar, std::span<const std::string> keywords) const;

  /// Whether add() would change the file. Throws as it does.
  bool would_add(const std::filesystem::path& sidecar, std::span<const std::string> keywords) const;

 private:
  std::shared_ptr<const LibXml> xml_;
};

}  // namespace clipcls
