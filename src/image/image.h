#pragma once

#include <cstddef>
#include <cstdint>

#include "image/pixels.h"

namespace clipcls {

/// 8-bit RGB pixels, row-major, interleaved: [height, width, 3].
struct RgbImage {
  RgbImage() = default;
  RgbImage(int image_width, int image_height)
      : width(image_width),
        height(image_height),
        pixels(static_cast<std::size_t>(image_width) * static_cast<std::size_t>(image_height) * 3) {}

  int width = 0;
  int height = 0;
  Pixels pixels;  ///< height * width * 3 bytes
};

}  // namespace clipcls
