#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"

namespace clipcls {

/// `image` as a small JPEG file: its longer side has at most `max_side` pixels, its proportions stay. Throws
/// Error (kOutput) when libjpeg-turbo refuses: a picture without pixels.
std::vector<std::uint8_t> make_thumbnail(const RgbImage& image, int max_side);

}  // namespace clipcls
