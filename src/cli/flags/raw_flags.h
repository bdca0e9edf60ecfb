#pragma once

#include "pipeline/image_source.h"

namespace clipcls {

class CommandDeclaration;

/// Which of the cameras' raw files in folders are images.
struct RawFlags {
  bool are_pairs_two = false;  ///< a raw file counts beside its developed picture
  bool are_left_out = false;

  /// Adds --raw-pairs and --no-raw.
  void add(CommandDeclaration& command);
  RawFiles raw_files() const;
};

}  // namespace clipcls
