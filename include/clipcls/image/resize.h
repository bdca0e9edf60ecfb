#pragma once

#include "clipcls/image/image.h"

namespace clipcls {

enum class Interpolation { kBilinear, kBicubic };

/// Resizes with antialiasing in Pillow's fixed-point arithmetic: two passes, horizontal first, 8 bit in
/// between. Bit-exact with PIL.Image.resize((width, height), BILINEAR or BICUBIC) on RGB images.
/// `width` and `height` are at least 1.
Image resize(const Image& image, int width, int height, Interpolation interpolation);

}  // namespace clipcls
