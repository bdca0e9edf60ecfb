#include "image/resize.h"

#include "resize_region.h"

namespace clipcls {

Image resize(const Image& image, int width, int height, Interpolation interpolation) {
  return resize_region(image, {width, height}, {0, 0, width, height}, interpolation);
}

}  // namespace clipcls
