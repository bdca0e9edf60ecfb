#pragma once

#include "png_chunks.h"

namespace clipcls {

/// The picture of an animation in PNG that is seen at options.page, from 2 on: the frames up to it, one over
/// the other, as Pillow has them. Throws Error: kNotFound, kBrokenImage, kTooLarge, and kUnsupportedFormat
/// for grey of 16 bits.
DecodedImage decode_apng_page(const PngChunks& chunks, const DecodeOptions& options);

}  // namespace clipcls
