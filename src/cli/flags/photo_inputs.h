#pragma once

#include <cstddef>
#include <string>

namespace clipcls {

/// What was given for the images, as far as it bears on their files.
struct PhotoInputs {
  bool has_standard_input = false;
  bool has_image_features = false;
  bool is_resumed = false;
  bool may_part_pairs = false;  ///< a raw file may be an image of this run, and its JPEG of another shard
  std::size_t top_k = 0;
  std::string output{};  ///< where the rows go; empty: standard output
};

}  // namespace clipcls
