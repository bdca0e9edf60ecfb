#pragma once

#include <cstddef>

namespace clipcls {

/// What was given for the images, as far as it bears on their files.
struct PhotoInputs {
  bool has_standard_input = false;
  bool has_image_features = false;
  bool is_resumed = false;
  std::size_t top_k = 0;
};

}  // namespace clipcls
