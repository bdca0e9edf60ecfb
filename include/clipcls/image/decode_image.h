#pragma once

#include <cstdint>
#include <span>

#include "clipcls/image/image.h"

namespace clipcls {

struct DecodeOptions {
  bool apply_exif_rotation = true;  ///< turn the picture upright as its EXIF (or else XMP) orientation says
  double max_megapixels = 179.0;    ///< refuse more pixels than this before taking memory; Pillow's own limit
  /// Above 0: a JPEG is decoded at the smallest of the scales 1, 1/2, 1/4 and 1/8 that leaves both sides at
  /// least so long, as by Pillow's Image.draft: several times faster, and another picture than decoding all.
  int draft_side = 0;
};

/// Decodes a file's bytes, by their content and never by the file's name, to the RGB that Pillow's
/// ImageOps.exif_transpose(Image.open(file)).convert("RGB") gives, byte for byte: JPEG, PNG, WebP, GIF, BMP,
/// PNM (P1 to P6), PSD, HDR and TGA; of an animation the first frame. May be called from several threads at
/// once. Throws Error: kNotAnImage, kBrokenImage or kTooLarge. The message does not name the file: the caller
/// knows it.
///
/// What follows from being equal to Pillow: alpha is dropped, not blended; 16-bit grey is clipped, so that
/// values from 255 on are white; JPEG data that is damaged but complete decodes with its damage, while a file
/// that ends early is refused. Where this is not equal: HDR (stb_image's tone mapping; Pillow reads none);
/// run-length coded BMP and PSD other than RGB are refused; so are PNG files whose pixel chunks fail their
/// checksum or that lack the end chunk; of the places PNG can keep an orientation in, eXIf and uncompressed
/// XMP are read.
Image decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {});

/// Throws Error (kNotAnImage) when a file that begins with `bytes`, some thousand or all there are, is in
/// none of those formats: a film need not be read to its end.
void require_picture_format(std::span<const std::uint8_t> bytes);

}  // namespace clipcls
