#pragma once

#include <string>

namespace clipcls {

class CommandDeclaration;

/// Image features that `clipcls embed` wrote.
struct FeatureFlags {
  std::string image_features;  ///< their folder, in place of encoding images; empty: none

  /// Adds --image-features.
  void add(CommandDeclaration& command, const std::string& help);
  bool are_given() const { return !image_features.empty(); }
  /// Throws Error (kUsage) where they are given and `command` was given a flag that is about images. With
  /// `reads_pictures` those of their paths are decoded all the same, for a report that shows them.
  void validate(const CommandDeclaration& command, bool reads_pictures) const;
};

}  // namespace clipcls
