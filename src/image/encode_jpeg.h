#pragma once

#include <cstdint>
#include <vector>

#include "image/image.h"

namespace clipcls {

/// A JPEG file with chroma subsampled; `quality` 1 to 100. Throws Error (kOutput).
std::vector<std::uint8_t> encode_jpeg(const RgbImage& image, int quality);

}  // namespace clipcls
