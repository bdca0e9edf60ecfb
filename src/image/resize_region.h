#pragma once

#include <cstdint>

#include "image/image.h"
#include "image/resize.h"
#include "processor/processor.h"

namespace clipcls {

/// 64 bits, because a 1 x 20,000,000 picture resized to 224 on its short side is 4.5 thousand million pixels
/// long.
struct ResizedSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

struct ResizedRegion {
  std::int64_t left = 0;
  std::int64_t top = 0;
  int width = 0;
  int height = 0;
};

/// The pixels of `region` in `image` resized to `size`: bit-identical to resizing all of it and cropping, at
/// the cost of the region alone. `region` lies within `size`. `variant` is one that this
/// processor runs.
RgbImage resize_region(const RgbImage& image, const ResizedSize& size, const ResizedRegion& region,
                       Interpolation interpolation, KernelVariant variant = this_kernel_variant());

}  // namespace clipcls
