#pragma once

#include "decoders.h"
#include "image/image.h"

namespace clipcls {

/// The orientation (1..8) in an EXIF block, with or without its leading "Exif\0\0"; 1 where the block has
/// none. A damaged block counts up to where it breaks off, and never throws.
int read_exif_orientation(Bytes exif);

/// The orientation in an XMP packet, which Pillow falls back on where EXIF has none; 1 where there is none.
int read_xmp_orientation(Bytes xmp);

/// EXIF's word where it has one, else XMP's. Both may be empty.
int read_orientation(Bytes exif, Bytes xmp);

/// Turns `image` upright: equal to PIL.ImageOps.exif_transpose for orientations 1..8.
RgbImage apply_orientation(RgbImage image, int orientation);

}  // namespace clipcls
