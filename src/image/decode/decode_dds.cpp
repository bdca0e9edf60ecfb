// DirectDraw surfaces: textures of games, by Microsoft's "Programming Guide for DDS". Of several (mipmaps,
// the sides of a cube) the first.
#include <algorithm>
#include <bit>
#include <optional>
#include <string>

#include "decoders.h"
#include "texture_blocks.h"

namespace clipcls {
namespace {

constexpr std::string_view kDds = "DDS";
constexpr std::size_t kDdsHeaderBytes = 128;
constexpr std::size_t kDx10HeaderBytes = 20;
constexpr std::size_t kDdsPaletteBytes = 1024;  // red, green, blue, alpha of 256

enum DdsFlag : unsigned {
  kAlphaPixels = 1,
  kFourCc = 4,
  kPaletteIndices = 0x20,
  kColorMasks = 0x40,
  kLuminance = 0x20000
};

struct DdsLayout {
  std::size_t width = 0;
  std::size_t height = 0;
  unsigned flags = 0;
  unsigned pixel_bits = 0;
  Bytes four_cc;
  std::array<std::uint32_t, 4> masks = {};  ///< of red, green, blue, alpha
  Bytes rest;                               ///< behind the headers

  std::size_t num_pixels() const { return width * height; }
};

[[noreturn]] void throw_unknown_dds(const std::string& what) {
  throw Error(ErrorKind::kUnsupportedFormat,
              "the DDS picture is of a kind that is not read here: " + what +
                  "; accepted are BC1 to BC7 (DXT1, DXT3, DXT5), grey, indexed, and colours with masks");
}

DdsLayout read_dds_header(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kDdsHeaderBytes) throw_broken(kDds, kFileEndsEarly);
  if (read_u32_le(bytes, 4) != kDdsHeaderBytes - 4)
    throw_broken(kDds, "its header has another size than 124");
  DdsLayout layout;
  check_size(kDds, read_u32_le(bytes, 16), read_u32_le(bytes, 12), options);
  layout.width = read_u32_le(bytes, 16);
  layout.height = read_u32_le(bytes, 12);
  layout.flags = read_u32_le(bytes, 80);
  layout.four_cc = bytes.subspan(84, 4);
  layout.pixel_bits = read_u32_le(bytes, 88);
  for (std::size_t i = 0; i < 4; ++i) layout.masks[i] = read_u32_le(bytes, 92 + 4 * i);
  layout.rest = bytes.subspan(kDdsHeaderBytes);
  return layout;
}

/// The first `count` times `size` bytes of `rest`. Asked for before memory is taken.
Bytes first_bytes(Bytes rest, std::size_t count, std::size_t size) {
  if (size == 0 || rest.size() / size < count) throw_broken(kDds, kFileEndsEarly);
  return rest.first(count * size);
}

DecodedImage empty_picture(const DdsLayout& layout) {
  return {RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
}

DecodedImage decode_masked(const DdsLayout& layout) {
  const std::size_t pixel_bytes = layout.pixel_bits / 8;
  const Bytes pixels = first_bytes(layout.rest, layout.num_pixels(), pixel_bytes);
  DecodedImage decoded = empty_picture(layout);
  const bool has_alpha = (layout.flags & kAlphaPixels) != 0;
  if (has_alpha) decoded.alpha.reserve(layout.num_pixels());
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < layout.num_pixels(); ++i) {
    std::uint32_t pixel = 0;
    for (std::size_t byte = 0; byte < std::min<std::size_t>(pixel_bytes, 4); ++byte)
      pixel |= std::uint32_t{pixels[i * pixel_bytes + byte]} << 8 * byte;
    for (std::size_t c = 0; c < (has_alpha ? 4U : 3U); ++c) {
      const std::uint32_t mask = layout.masks[c];
      const int shift = mask == 0 ? 0 : std::countr_zero(mask);
      // In floating point, whose rounding Pillow has.
      const double share =
          mask == 0 ? 0 : static_cast<double>((pixel & mask) >> shift) / static_cast<double>(mask >> shift);
      const auto value = static_cast<std::uint8_t>(share * 255);
      c < 3 ? * to++ = value : decoded.alpha.emplace_back(value);
    }
  }
  return decoded;
}

DecodedImage decode_luminance(const DdsLayout& layout) {
  const bool has_alpha = layout.pixel_bits == 16 && (layout.flags & kAlphaPixels) != 0;
  if (layout.pixel_bits != 8 && !has_alpha)
    throw_unknown_dds("grey of " + std::to_string(layout.pixel_bits) + " bits");
  const std::size_t pixel_bytes = layout.pixel_bits / 8;
  const Bytes pixels = first_bytes(layout.rest, layout.num_pixels(), pixel_bytes);
  DecodedImage decoded = empty_picture(layout);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < layout.num_pixels(); ++i) {
    to = std::fill_n(to, 3, pixels[i * pixel_bytes]);
    if (has_alpha) decoded.alpha.push_back(pixels[i * pixel_bytes + 1]);
  }
  return decoded;
}

/// Pixels of four bytes each, or indices of them in `palette`.
DecodedImage decode_rgba(const DdsLayout& layout, Bytes pixels, Bytes palette) {
  DecodedImage decoded = empty_picture(layout);
  decoded.alpha.reserve(layout.num_pixels());
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < layout.num_pixels(); ++i) {
    const std::uint8_t* color =
        palette.empty() ? pixels.data() + 4 * i : palette.data() + std::size_t{4} * pixels[i];
    to = std::copy_n(color, 3, to);
    decoded.alpha.push_back(color[3]);
  }
  return decoded;
}

std::optional<TextureCoding> coding_of_name(Bytes four_cc) {
  if (starts_with(four_cc, "DXT1")) return TextureCoding{8, decode_bc1_block, true};
  if (starts_with(four_cc, "DXT3")) return TextureCoding{16, decode_bc2_block, true};
  if (starts_with(four_cc, "DXT5")) return TextureCoding{16, decode_bc3_block, true};
  if (starts_with(four_cc, "BC4U") || starts_with(four_cc, "ATI1")) return TextureCoding{8, decode_bc4_block};
  if (starts_with(four_cc, "BC5U") || starts_with(four_cc, "ATI2"))
    return TextureCoding{16, decode_bc5_block};
  if (starts_with(four_cc, "BC5S")) return TextureCoding{16, decode_signed_bc5_block};
  return std::nullopt;
}

/// By the number of DXGI_FORMAT. Of those without a sign or with colours of sRGB the pixels are the same.
std::optional<TextureCoding> coding_of_number(std::uint32_t format) {
  if (format >= 70 && format <= 72) return TextureCoding{8, decode_bc1_block, true};
  if (format >= 73 && format <= 75) return TextureCoding{16, decode_bc2_block, true};
  if (format >= 76 && format <= 78) return TextureCoding{16, decode_bc3_block, true};
  if (format == 79 || format == 80) return TextureCoding{8, decode_bc4_block};
  if (format == 82 || format == 83) return TextureCoding{16, decode_bc5_block};
  if (format == 84) return TextureCoding{16, decode_signed_bc5_block};
  if (format == 95) return TextureCoding{16, decode_bc6_block};
  if (format == 96) return TextureCoding{16, decode_signed_bc6_block};
  if (format >= 97 && format <= 99) return TextureCoding{16, decode_bc7_block, true};
  return std::nullopt;
}

DecodedImage decode_texture(const DdsLayout& layout, const TextureCoding& coding) {
  const std::size_t across = (layout.width + 3) / 4;
  const std::size_t down = (layout.height + 3) / 4;
  const Bytes codes = first_bytes(layout.rest, across * down, coding.block_bytes);
  DecodedImage decoded = empty_picture(layout);
  if (coding.has_alpha) decoded.alpha.resize(layout.num_pixels());
  for (std::size_t number = 0; number < across * down; ++number) {
    TextureBlock block;
    coding.decode(codes.data() + number * coding.block_bytes, block);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const std::size_t x = number % across * 4 + i % 4;
      const std::size_t y = number / across * 4 + i / 4;
      if (x >= layout.width || y >= layout.height) continue;
      const std::size_t pixel = y * layout.width + x;
      std::copy_n(block[i].data(), 3, decoded.image.pixels.data() + 3 * pixel);
      if (coding.has_alpha) decoded.alpha[pixel] = block[i][3];
    }
  }
  return decoded;
}

DecodedImage decode_four_cc(DdsLayout layout) {
  if (!starts_with(layout.four_cc, "DX10")) {
    const std::optional<TextureCoding> coding = coding_of_name(layout.four_cc);
    if (!coding) throw_unknown_dds("its code is no name that is known");
    return decode_texture(layout, *coding);
  }
  if (layout.rest.size() < kDx10HeaderBytes) throw_broken(kDds, kFileEndsEarly);
  const std::uint32_t format = read_u32_le(layout.rest, 0);
  layout.rest = layout.rest.subspan(kDx10HeaderBytes);
  constexpr std::uint32_t kFirstRgba = 27;
  constexpr std::uint32_t kLastRgba = 29;
  if (format >= kFirstRgba && format <= kLastRgba)
    return decode_rgba(layout, first_bytes(layout.rest, layout.num_pixels(), 4), {});
  const std::optional<TextureCoding> coding = coding_of_number(format);
  if (!coding) throw_unknown_dds("DXGI format " + std::to_string(format));
  return decode_texture(layout, *coding);
}

}  // namespace

DecodedImage decode_dds(Bytes bytes, const DecodeOptions& options) {
  const DdsLayout layout = read_dds_header(bytes, options);
  // In this order, as in Pillow: writers set several.
  if ((layout.flags & kColorMasks) != 0) return decode_masked(layout);
  if ((layout.flags & kLuminance) != 0) return decode_luminance(layout);
  if ((layout.flags & kPaletteIndices) != 0) {
    const Bytes palette = first_bytes(layout.rest, kDdsPaletteBytes, 1);
    return decode_rgba(layout, first_bytes(layout.rest.subspan(kDdsPaletteBytes), layout.num_pixels(), 1),
                       palette);
  }
  if ((layout.flags & kFourCc) != 0) return decode_four_cc(layout);
  throw_unknown_dds("it does not say what its pixels are");
}

}  // namespace clipcls
