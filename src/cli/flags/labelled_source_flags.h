#pragma once

#include <string>

#include "cli/flags/feature_flags.h"
#include "cli/flags/raw_flags.h"

namespace clipcls {

class CommandDeclaration;

/// Pictures whose labels are known.
struct LabelledSourceFlags {
  std::string source;  ///< DIR/<label>/… or a CSV file of path,label
  RawFlags raw;
  FeatureFlags features;  ///< of these pictures

  /// Adds DIR, those of `raw` and --image-features.
  void add(CommandDeclaration& command);
};

}  // namespace clipcls
