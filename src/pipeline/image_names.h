#pragma once

#include <string_view>

#include "pipeline/image_name.h"

namespace clipcls {

/// Whether the ending is that of an image format that is not read here: .svg, a rare camera's raw format.
bool is_name_of_other_image(std::string_view name);

}  // namespace clipcls
