#pragma once

#include <string_view>

#include "clipcls/pipeline/image_name.h"

namespace clipcls {

/// Whether the ending is that of an image format that is not read here: .heic, .tif, a camera's raw format.
bool is_name_of_other_image(std::string_view name);

/// Whether a file or folder of this name is left out of a folder: hidden ones, which have a leading dot, and
/// what systems and network storage put beside people's files (@eaDir, $RECYCLE.BIN, …).
bool is_junk_name(std::string_view name);

}  // namespace clipcls
