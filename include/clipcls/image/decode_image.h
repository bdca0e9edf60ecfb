#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "clipcls/image/image.h"

namespace clipcls {

struct DecodeOptions {
  bool apply_exif_rotation = true;  ///< turn the picture upright as its EXIF orientation says
  double max_megapixels = 179.0;    ///< refuse more pixels than this before taking memory; Pillow's own limit
};

/// Decodes a file's bytes by their content (never by the file's name) to what Pillow's convert("RGB") gives:
/// JPEG (libjpeg-turbo), WebP (libwebp), and PNG, BMP, GIF (first frame), TGA, PSD, PNM, HDR (stb_image).
/// Throws Error: kNotAnImage, kBrokenImage or kTooLarge. The message does not name the file: the caller knows
/// it.
Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

}  // namespace clipcls
