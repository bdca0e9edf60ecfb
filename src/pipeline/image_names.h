#pragma once

#include <string_view>

namespace clipcls {

/// Whether a file of this name in a folder is taken for an image: its ending is that of a format that
/// decode_image reads. Capitals count as small letters.
bool is_image_name(std::string_view name);

/// Whether the ending is that of an image format that is not read here: .heic, .tif, a camera's raw format.
bool is_name_of_other_image(std::string_view name);

}  // namespace clipcls
