#pragma once

#include <string_view>

namespace clipcls {

/// Whether a file of this name in a folder is taken for an image: its ending is that of a format that
/// decode_image reads. Capitals count as small letters.
bool is_image_name(std::string_view name);

}  // namespace clipcls
