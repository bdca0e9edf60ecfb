// The formats that stb_image decodes without more than a touch from here.
#include <algorithm>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

void flip_left_right(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* left = image.pixels.data() + std::ptrdiff_t{y} * image.width * 3;
    std::uint8_t* right = left + std::ptrdiff_t{image.width - 1} * 3;
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

// stb widens 5 and 6 bits by repeating the upper ones, Pillow by v * 255 / 31; the bits are still all there.
void rescale_16bit(Image& image, bool six_bit_green) {
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const unsigned bits = six_bit_green && i % 3 == 1 ? 6 : 5;
    const unsigned value = image.pixels[i] >> (8 - bits);
    image.pixels[i] = static_cast<std::uint8_t>(value * 255 / ((1U << bits) - 1));
  }
}

}  // namespace

DecodedImage decode_bmp(Bytes bytes, const DecodeOptions& options) {
  constexpr std::size_t kInfoHeaderEnd =
      54;  // of the second and later versions; the first has no compression
  enum : std::uint32_t { kRunLength8 = 1, kRunLength4 = 2, kBitFields = 3 };
  const bool has_info = bytes.size() >= kInfoHeaderEnd && read_u32_le(bytes, 14) >= 40;
  const std::uint32_t compression = has_info ? read_u32_le(bytes, 30) : 0;
  if (compression == kRunLength8 || compression == kRunLength4) {
    throw_broken("BMP", "it is run-length coded, which is not read here");
  }
  DecodedImage decoded{decode_with_stb("BMP", bytes, options)};
  if (has_info && read_u16_le(bytes, 28) == 16) {
    constexpr std::size_t kGreenMask = 58;
    const bool six_bit_green = compression == kBitFields && bytes.size() >= kGreenMask + 4 &&
                               read_u32_le(bytes, kGreenMask) == 0x07E0;
    rescale_16bit(decoded.image, six_bit_green);
  }
  return decoded;
}

DecodedImage decode_tga(Bytes bytes, const DecodeOptions& options) {
  DecodedImage decoded{decode_with_stb("TGA", bytes, options)};
  constexpr std::size_t kDescriptor = 17;
  constexpr unsigned kRightToLeft = 0x10;  // stb knows only the bit for top to bottom
  if (bytes.size() > kDescriptor && (bytes[kDescriptor] & kRightToLeft) != 0) flip_left_right(decoded.image);
  return decoded;
}

}  // namespace clipcls
