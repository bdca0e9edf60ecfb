// Pictures with a palette are read here, as stb_image takes a palette of another length than its own idea for
// a damaged one; the others it decodes.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr std::string_view kBmp = "BMP";
constexpr std::size_t kHeaderAt = 14;        // of the header that begins with its own size
constexpr std::uint32_t kFirstVersion = 12;  // OS/2's: sides of two bytes, colours of three, no compression
enum : std::uint32_t { kUncompressed = 0, kRunLength8 = 1, kRunLength4 = 2, kBitFields = 3 };

struct BmpHeader {
  std::uint32_t size = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool is_top_down = false;
  unsigned bits = 0;
  std::uint32_t compression = kUncompressed;
  std::uint32_t num_colors = 0;  ///< 0: as many as the bits can tell apart
};

/// Zeros where the file ends early or the header is of a kind without these fields.
// A file header of 14 bytes comes first; offsets are counted from the start of the file, so the first field
// of the information header (its own size) is at 14, and its width at 18.
BmpHeader read_header(Bytes bytes) {
  constexpr std::size_t kInfoSize = 40;
  BmpHeader header;
  header.size = read_u32_le(bytes, kHeaderAt);
  if (header.size == kFirstVersion && bytes.size() >= kHeaderAt + kFirstVersion) {
    header.width = read_u16_le(bytes, 18);
    header.height = read_u16_le(bytes, 20);
    header.bits = read_u16_le(bytes, 24);
  } else if (header.size >= kInfoSize && bytes.size() >= kHeaderAt + kInfoSize) {
    header.width = static_cast<std::int32_t>(read_u32_le(bytes, 18));
    header.height = static_cast<std::int32_t>(read_u32_le(bytes, 22));
    // A negative height says that the first row of the file is the top one. All else has the bottom row
    // first.
    header.is_top_down = header.height < 0;
    header.height = std::abs(header.height);
    header.bits = read_u16_le(bytes, 28);
    header.compression = read_u32_le(bytes, 30);
    header.num_colors = read_u32_le(bytes, 46);
  }
  return header;
}

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

/// Colours that the file lacks are black. A ramp of greys goes on, as Pillow takes the indices for the greys
/// themselves.
Palette read_palette(Bytes bytes, const BmpHeader& header, std::size_t num_colors) {
  const std::size_t color_size = header.size == kFirstVersion ? 3 : 4;
  const Bytes colors = bytes.subspan(std::min(bytes.size(), kHeaderAt + std::size_t{header.size}));
  Palette palette = {};
  bool is_ramp = header.bits == 8;
  for (std::size_t i = 0; i < std::min(num_colors, palette.size()); ++i) {
    const std::size_t at = i * color_size;
    for (std::size_t c = 0; c < 3 && at + 2 < colors.size(); ++c) palette[i][c] = colors[at + 2 - c];
    is_ramp = is_ramp && std::ranges::all_of(palette[i], [&](std::uint8_t value) { return value == i; });
  }
  if (!is_ramp) return palette;
  for (std::size_t i = 0; i < palette.size(); ++i) palette[i].fill(static_cast<std::uint8_t>(i));
  return palette;
}

RgbImage decode_palette(Bytes bytes, const BmpHeader& header, const DecodeOptions& options) {
  check_size(kBmp, header.width, header.height, options);
  const std::size_t num_colors = header.num_colors > 0 ? header.num_colors : std::size_t{1} << header.bits;
  constexpr std::size_t kMaxColors = 65536;  // Pillow's
  if (num_colors > kMaxColors) throw_broken(kBmp, "its palette is too long");
  const Palette palette = read_palette(bytes, header, num_colors);

  const std::size_t palette_at = kHeaderAt + header.size;
  std::size_t pixels_at = read_u32_le(bytes, 10);
  // Some writers forget the palette, and some everything.
  if (pixels_at == palette_at || pixels_at == 0)
    pixels_at = palette_at + num_colors * (header.size == kFirstVersion ? 3 : 4);
  const auto width = static_cast<std::size_t>(header.width);
  const auto height = static_cast<std::size_t>(header.height);
  const std::size_t row_size = (width * header.bits + 7) / 8;
  // Rows are padded to four bytes. The last one may lack its padding.
  const std::size_t stride = (row_size + 3) / 4 * 4;
  if (bytes.size() < pixels_at || bytes.size() - pixels_at < stride * (height - 1) + row_size)
    throw_broken(kBmp, "the file ends before the picture does");

  RgbImage image(static_cast<int>(width), static_cast<int>(height));
  auto to = image.pixels.begin();
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t row = header.is_top_down ? y : height - 1 - y;
    const Bytes indices = bytes.subspan(pixels_at + row * stride, row_size);
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t first_bit = x * header.bits;
      // The leftmost pixel has the highest bits of its byte.
      const unsigned shift = 8 - header.bits - first_bit % 8;
      const std::size_t index = indices[first_bit / 8] >> shift & ((1U << header.bits) - 1);
      to = std::copy_n(palette[index].begin(), 3, to);
    }
  }
  return image;
}

// stb widens 5 and 6 bits by repeating the upper ones, Pillow by v * 255 / 31; the bits are still all there.
void rescale_16bit(RgbImage& image, bool six_bit_green) {
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const unsigned bits = six_bit_green && i % 3 == 1 ? 6 : 5;
    const unsigned value = image.pixels[i] >> (8 - bits);
    image.pixels[i] = static_cast<std::uint8_t>(value * 255 / ((1U << bits) - 1));
  }
}

/// A mask of alpha, which headers from the third version on can have, counts with bit fields alone.
bool has_alpha(Bytes bytes, const BmpHeader& header) {
  constexpr std::size_t kAlphaMask = 66;
  return header.size >= 56 && header.bits == 32 && header.compression == kBitFields &&
         bytes.size() >= kAlphaMask + 4 && read_u32_le(bytes, kAlphaMask) != 0;
}

}  // namespace

DecodedImage decode_bmp(Bytes bytes, const DecodeOptions& options) {
  // Only what stb reads in another way than Pillow is handled here: palettes, alpha masks, the scale of 16
  // bits.
  const BmpHeader header = read_header(bytes);
  if (header.compression == kRunLength8 || header.compression == kRunLength4) {
    throw_broken(kBmp, "it is run-length coded, which is not read here");
  }
  if (header.compression == kUncompressed && (header.bits == 1 || header.bits == 4 || header.bits == 8))
    return {decode_palette(bytes, header, options)};
  if (has_alpha(bytes, header)) return decode_alpha_with_stb(kBmp, bytes, options);
  DecodedImage decoded{decode_with_stb(kBmp, bytes, options)};
  if (header.size != kFirstVersion && header.bits == 16) {
    constexpr std::size_t kGreenMask = 58;
    // Masks follow the first 40 bytes of the information header: red at 54, green at 58, blue at 62. Without
    // bit fields, 16 bits are 5 for each colour.
    const bool six_bit_green = header.compression == kBitFields && bytes.size() >= kGreenMask + 4 &&
                               read_u32_le(bytes, kGreenMask) == 0x07E0;
    rescale_16bit(decoded.image, six_bit_green);
  }
  return decoded;
}

}  // namespace clipcls
