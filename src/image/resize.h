#pragma once

#include "image/image.h"

namespace clipcls {

enum class Interpolation { kBilinear, kBicubic };

/// Resizes with antialiasing in Pillow's fixed-point arithmetic: a pass over the columns and one over the
/// rows, 8 bit in between. Bit-exact with PIL.Image.resize((width, height), BILINEAR or BICUBIC) on RGB
/// images, for Pillow 13. (Earlier versions always begin with the columns. Pillow 13 begins with the rows
/// where the height loses more than twice as many pixels as the width, as with tall screenshots; a few values
/// then differ from before, most by 1.) Throws Error (kInvalidArgument) when a side of the picture or of its
/// new size is less than 1.
RgbImage resize(const RgbImage& image, int width, int height, Interpolation interpolation);

}  // namespace clipcls
