#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace clipcls {

/// `label` as the name of one folder: separators, control characters and what other file systems do not take
/// (\ : * ? " < > |) become '_', as does a dot at the start; blanks and dots at the end go; what Windows
/// takes for a device gets a '_' (CON_, aux_.txt); never empty, at most 200 bytes, cut between characters.
std::string path_component(std::string_view label);

/// Throws Error (kLabels) that names two labels, where they differ and their folders do not, or only in case
/// or Unicode normalisation: many file systems would make one folder of both.
void require_distinct_folders(std::span<const std::string_view> labels);

/// Where the images of a label go: a path with {label} in it, "sorted/{label}".
class LabelFolder {
 public:
  /// Throws Error (kInvalidArgument) when `pattern` has no {label}, or another placeholder.
  explicit LabelFolder(std::string pattern);

  std::filesystem::path of(std::string_view label) const;

  /// The folder above the first {label}: it belongs to all labels. "." where there is none.
  const std::filesystem::path& root() const { return root_; }

 private:
  std::string pattern_;
  std::filesystem::path root_;
};

}  // namespace clipcls
