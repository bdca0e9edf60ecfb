#include "image/resize.h"

#include "resize_region.h"

namespace clipcls {

RgbImage resize(const RgbImage& image, int width, int height, Interpolation interpolation) {
  return resize_region(image, {width, height}, {0, 0, width, height}, interpolation);
}

}  // namespace clipcls
