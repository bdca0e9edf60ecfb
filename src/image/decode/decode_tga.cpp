#include <algorithm>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

void flip_left_right(RgbImage& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* left = image.pixels.data() + std::ptrdiff_t{y} * image.width * 3;
    std::uint8_t* right = left + std::ptrdiff_t{image.width - 1} * 3;
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

void flip_left_right(std::vector<std::uint8_t>& alpha, int width) {
  for (auto row = alpha.begin(); row != alpha.end(); row += width) std::reverse(row, row + width);
}

/// Whether greys, colours or the palette have an alpha channel.
bool has_alpha(Bytes bytes) {
  constexpr std::size_t kKind = 2;
  constexpr std::size_t kPaletteBits = 7;
  constexpr std::size_t kBits = 16;
  if (bytes.size() <= kBits) return false;
  // Bit 3 of the kind says that it is run-length coded; 1 is a palette, 2 colours, 3 greys.
  const unsigned kind = bytes[kKind] & 7U;
  if (kind == 1) return bytes[kPaletteBits] == 32;
  return kind == 3 ? bytes[kBits] == 16 : bytes[kBits] == 32;
}

}  // namespace

DecodedImage decode_tga(Bytes bytes, const DecodeOptions& options) {
  DecodedImage decoded = has_alpha(bytes) ? decode_alpha_with_stb("TGA", bytes, options)
                                          : DecodedImage{decode_with_stb("TGA", bytes, options)};
  constexpr std::size_t kDescriptor = 17;
  constexpr unsigned kRightToLeft = 0x10;  // stb knows only the bit for top to bottom
  if (bytes.size() > kDescriptor && (bytes[kDescriptor] & kRightToLeft) != 0) {
    flip_left_right(decoded.image);
    flip_left_right(decoded.alpha, decoded.image.width);
  }
  return decoded;
}

}  // namespace clipcls
