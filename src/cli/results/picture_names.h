#pragma once

#include <functional>
#include <string_view>

#include "cli/flags/input_flags.h"

namespace clipcls {

/// Which files beside a photo may be images of the run too, by their names.
struct PictureNames {
  /// As in a folder, or as one that was named.
  std::function<bool(std::string_view name)> is_picture;
  /// A raw file that has no row of its own beside `photo`, its developed picture.
  std::function<bool(std::string_view name, std::string_view photo)> is_part;
};

PictureNames picture_names(const InputFlags& input);

/// Whether two pictures of one stem are a raw file and what was developed from it.
bool is_pair(std::string_view name, std::string_view other);

}  // namespace clipcls
