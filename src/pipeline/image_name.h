#pragma once

#include <string_view>

namespace clipcls {

/// Whether a file of this name in a folder is taken for an image: its ending is that of a format that
/// decode_image reads. Capitals count as small letters.
bool is_image_name(std::string_view name);

/// Whether it is the name of a camera's raw file, one that decode_image reads.
bool is_raw_name(std::string_view name);

/// Whether it is the name of a JPEG or HEIC, which beside a raw file of its stem is the same photograph: a
/// pair.
bool is_developed_name(std::string_view name);

}  // namespace clipcls
