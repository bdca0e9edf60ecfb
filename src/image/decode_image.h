#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "image/image.h"

namespace clipcls {

/// How grey of more than 8 bits becomes 8 bits.
enum class DeepGray {
  kScale,    ///< the range that its values may have becomes 0 to 255: what the file declares, or all its bits
  kStretch,  ///< the picture's own lowest and highest value do
  kClip,     ///< values from 255 on are white, as in Pillow's convert("RGB")
};

/// Which pictures are decoded by workers, processes that have no rights: see decode_sandbox.h.
enum class DecodeSandbox {
  kOff,
  kOpened,  ///< those whose library is opened when it is needed, if there are workers
  kAll,     ///< all, if there are workers
};

struct DecodeOptions {
  bool apply_exif_rotation = true;  ///< turn the picture upright as its EXIF (or else XMP) orientation says
  double max_megapixels = 179.0;    ///< refuse more pixels than this before taking memory; Pillow's own limit
  /// Above 0: a JPEG is decoded at the smallest of the scales 1, 1/2, 1/4 and 1/8 that leaves both sides at
  /// least so long, as by Pillow's Image.draft: several times faster, and another picture than decoding all.
  int draft_side = 0;
  /// A colour, red green blue, that pictures with alpha are put on; nothing: their alpha is dropped.
  std::optional<std::array<std::uint8_t, 3>> background = std::nullopt;
  DeepGray deep_gray = DeepGray::kScale;
  /// A picture that is cut off, or damaged in the middle, is what comes before, if its decoder can say so.
  bool accepts_truncated = false;
  /// Which picture of a file that has several, from 1 on: pages, frames of an animation, sizes of an icon.
  int page = 1;
  DecodeSandbox sandbox = DecodeSandbox::kOff;
};

/// What a picture lost on the way to RGB without an error.
struct DecodeNotes {
  bool is_mostly_transparent = false;  ///< more than half of its pixels, and no background was given
  bool is_gray_clipped = false;  ///< grey of more than 8 bits, of which all values from 255 on are white
  bool is_gray_dark = false;     ///< grey of more than 8 bits that was scaled, and none of it is above 1/16
  bool is_truncated = false;     ///< it ends early, or is damaged, and the rest is made up

  bool has_losses() const { return is_mostly_transparent || is_gray_clipped || is_gray_dark || is_truncated; }
};

/// Decodes a file's bytes, by their content and never by the file's name, to the RGB that Pillow's
/// ImageOps.exif_transpose(Image.open(file)).convert("RGB") gives, byte for byte: JPEG, PNG, WebP, GIF,
/// HEIC, AVIF, JPEG XL, JPEG 2000, BMP, DIB, ICO, CUR, PNM (P1 to P6), PSD, HDR, DDS, PCX, QOI, SGI, TIFF and
/// TGA; of several pages the one that `options` name, as behind Pillow's seek(page - 1); of icons the largest
/// is the first. A camera's raw file is the largest JPEG inside it, turned as the raw file says. With a
/// background it is the RGB that Pillow's paste() with the picture as its own mask gives. May be called from
/// several threads at once. Throws Error: kNotFound (there is no such page), kNotAnImage, kUnsupportedFormat
/// (the library of a format is missing, a raw file has no JPEG, the file is a film or a document),
/// kBrokenImage, kTooLarge or kUnreadable (the system gives no process or thread for it). The message does
/// not name the file: the caller knows it.
///
/// Of grey of more than 8 bits this is so with DeepGray::kClip. What follows from being equal to Pillow:
/// alpha is dropped, not blended; JPEG data that is damaged but complete decodes with its damage, while a
/// file that ends before its picture does is refused, unless `accepts_truncated` asks for what Pillow's
/// LOAD_TRUNCATED_IMAGES gives. What has all its pixels is read: a GIF without its trailer,
/// a PNG without its end chunk or with wrong checksums of its pixels' chunks, if their own checksum fits.
/// Where this is not equal: HDR (stb_image's tone mapping), HEIC and JPEG XL (libheif's and libjxl's own
/// colours) and PNG of Xcode's, none of which Pillow reads; white of JPEG 2000 with 16 bits, which Pillow
/// makes black; BMP of two bits or with other bit fields, PSD of 16 bits, DDS whose format names sRGB, all of
/// which Pillow refuses, are read; bitmaps in PSD are refused; metadata that Pillow fails on (a text that
/// unpacks to more than a megabyte, a damaged raw profile) is passed over; progressive JPEG that lacks scans
/// and has chroma of half the height differs by up to 10 levels in two rows of blocks where libjpeg-turbo is
/// older than 3.0.1. `notes`, where given, is overwritten.
///
/// A picture of a worker lies in memory that the worker is lent with: who keeps many of them keeps many
/// workers, and Pixels::own() lets one go.
RgbImage decode_image(std::span<const std::uint8_t> bytes, const DecodeOptions& options = {},
                      DecodeNotes* notes = nullptr);

/// A format that is read.
struct PictureFormat {
  std::string_view name;
  std::string_view library;  ///< what decodes it; "clipcls": code of its own
  std::string version;       ///< the library's; empty: it is missing, or does not say
  std::string
      package;  ///< Debian's package, of a library that is opened when it is needed; empty: it is there
  std::string problem;  ///< why it cannot be read here, such as a library that is missing; empty: it can
  bool is_sandboxed = false;  ///< with DecodeSandbox::kOpened
};

/// The formats, in the order in which they are tried.
std::vector<PictureFormat> picture_formats();

/// Throws Error (kNotAnImage) when a file that begins with `bytes`, some thousand or all there are, is in
/// none of those formats, kUnsupportedFormat when it is of a known other kind: a film need not be read to its
/// end.
void require_picture_format(std::span<const std::uint8_t> bytes);

}  // namespace clipcls
