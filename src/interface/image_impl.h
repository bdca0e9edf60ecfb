#pragma once

#include "clipcls/image.h"
#include "image/decode_image.h"
#include "image/image.h"

namespace clipcls {

/// What an Image is made of.
struct Image::Impl {
  RgbImage rgb;
};

DecodeOptions decode_options(const ImageOptions& options);

/// The pixels of `image`. Throws Error (kInvalidArgument) where it has none.
const RgbImage& pixels_of(const Image& image);

}  // namespace clipcls
