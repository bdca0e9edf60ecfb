#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "decoders.h"

namespace clipcls {

/// The bit masks of a pixel of 16, 24 or 32 bits.
struct BmpMasks {
  std::uint32_t red = 0;
  std::uint32_t green = 0;
  std::uint32_t blue = 0;
  std::uint32_t alpha = 0;  ///< 0: all pixels are opaque
};

/// A bitmap of Windows or OS/2 as its information header describes it; BMP files, icons and cursors have it.
struct BmpPicture {
  std::string_view format;  ///< of the file, for messages
  std::uint32_t header_size = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool is_top_down = false;  ///< else the first row of the file is the bottom one
  unsigned bits = 0;         ///< of a pixel
  std::uint32_t compression = 0;
  std::size_t num_colors = 0;  ///< of the palette
  std::size_t palette_at = 0;
  std::size_t pixels_at = 0;
  BmpMasks masks;
  bool may_be_cut = false;  ///< rows that are missing are zeros

  bool has_palette() const { return bits <= 8; }
  /// OS/2's first version has colours of three bytes.
  std::size_t color_size() const { return header_size == 12 ? 3 : 4; }
  std::size_t palette_size() const { return has_palette() ? num_colors * color_size() : 0; }
};

/// Whether information headers may have this size; OS/2's second version may end where its writer likes.
inline bool is_bmp_header_size(std::uint32_t size) {
  return size == 12 || (size >= 16 && size <= 64) || size == 108 || size == 124;
}

/// Reads the information header at `at` of the file. `pixels_at` is behind header, masks and palette. Throws
/// Error: kBrokenImage, or kUnsupportedFormat for a JPEG, PNG or fax inside.
BmpPicture read_bmp_header(std::string_view format, Bytes file, std::size_t at);

/// Whether its palette is black and white, or the greys in their order: the indices are the greys themselves.
bool has_greys(const BmpPicture& picture, Bytes file);

/// Pillow's RGB and alpha of the picture. The caller has checked its size. Throws Error: kBrokenImage.
DecodedImage read_bmp_pixels(const BmpPicture& picture, Bytes file);

/// The palette indices, [height, width], of run-length coded pixels; kBrokenImage where there are not enough.
std::vector<std::uint8_t> unpack_bmp_runs(const BmpPicture& picture, Bytes file);

}  // namespace clipcls
