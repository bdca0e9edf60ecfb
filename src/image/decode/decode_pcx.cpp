// PCX and DCX of PC Paintbrush: by the "ZSoft PCX File Format Technical Reference Manual". A DCX file is a
// list of up to 1,023 PCX files, pages of a fax.
#include <algorithm>
#include <array>
#include <string>

#include "decoders.h"

namespace clipcls {
namespace {

constexpr std::string_view kPcx = "PCX";
constexpr std::size_t kPcxHeaderBytes = 128;
constexpr std::size_t kPcxPaletteBytes = 769;  // 12, and 256 reds, greens, blues, at the file's end

struct PcxLayout {
  std::size_t width = 0;
  std::size_t height = 0;
  unsigned bits = 1;  ///< of a sample
  std::size_t num_planes = 1;
  std::size_t plane_bytes = 0;  ///< of a row

  std::size_t row_bytes() const { return plane_bytes * num_planes; }
};

PcxLayout read_pcx_header(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kPcxHeaderBytes) throw_broken(kPcx, kFileEndsEarly);
  const auto side = [&](std::size_t first_at) {
    return std::int64_t{read_u16_le(bytes, first_at + 4)} - read_u16_le(bytes, first_at) + 1;
  };
  check_size(kPcx, std::max<std::int64_t>(side(4), 0), std::max<std::int64_t>(side(6), 0), options);
  PcxLayout layout = {static_cast<std::size_t>(side(4)), static_cast<std::size_t>(side(6)), bytes[3],
                      bytes[65]};
  const bool has_bits =
      layout.bits == 1 && (layout.num_planes == 1 || layout.num_planes == 2 || layout.num_planes == 4);
  const bool has_bytes =
      layout.bits == 8 && (layout.num_planes == 1 || layout.num_planes == 3) && bytes[1] == 5;
  if (!has_bits && !has_bytes) {
    throw Error(ErrorKind::kUnsupportedFormat,
                "the PCX picture is of a kind that is not read here: " + std::to_string(layout.num_planes) +
                    " planes of " + std::to_string(layout.bits) + " bits");
  }
  // Rows should be even, and not all writers make them so. What the header says decides, but for the length.
  layout.plane_bytes = (layout.width * layout.bits + 7) / 8;
  if (read_u16_le(bytes, 66) != layout.plane_bytes) layout.plane_bytes += layout.plane_bytes % 2;
  return layout;
}

/// Takes all rows off `packed`, each plane behind the other: a byte of which the upper two bits are set says
/// how often the next one comes.
std::vector<std::uint8_t> unpack_pcx_rows(const PcxLayout& layout, Bytes& packed) {
  const std::size_t size = layout.row_bytes() * layout.height;
  // Two bytes stand for 63 at most: asked for before memory is taken.
  if (packed.size() < size / 32) throw_broken(kPcx, kFileEndsEarly);
  std::vector<std::uint8_t> rows;
  rows.reserve(size);
  std::size_t at = 0;
  for (; rows.size() < size; ++at) {
    if (at == packed.size()) throw_broken(kPcx, kFileEndsEarly);
    std::size_t count = 1;
    if (packed[at] >= 0xC0) {
      count = packed[at++] & 0x3FU;
      if (at == packed.size()) throw_broken(kPcx, kFileEndsEarly);
    }
    if (count > layout.row_bytes() - rows.size() % layout.row_bytes())
      throw_broken(kPcx, "a row is longer than the picture is wide");
    rows.insert(rows.end(), count, packed[at]);
  }
  packed = packed.subspan(at);
  return rows;
}

/// Three bytes each: of two or four planes of bits those of the header, else those at the end of what is
/// `behind` the rows. Empty: there are none, and numbers are greys. Throws where the header says that there
/// are colours.
Bytes find_pcx_palette(const PcxLayout& layout, Bytes bytes, Bytes behind) {
  constexpr std::size_t kSixteenColors = 48;
  if (layout.bits == 1) return layout.num_planes == 1 ? Bytes() : bytes.subspan(16, kSixteenColors);
  if (layout.num_planes == 3) return {};
  const bool has_palette =
      behind.size() >= kPcxPaletteBytes && behind[behind.size() - kPcxPaletteBytes] == 12;
  if (has_palette) return behind.last(kPcxPaletteBytes - 1);
  // A file that is cut off would be greys otherwise.
  if (read_u16_le(bytes, 68) == 1) throw_broken(kPcx, "its palette is missing");
  return {};
}

}  // namespace

bool is_pcx(Bytes bytes) {
  // 10, the version, whether rows are packed, bits of a sample.
  constexpr std::array<std::uint8_t, 4> kVersions = {0, 2, 3, 5};
  constexpr std::array<std::uint8_t, 4> kDepths = {1, 2, 4, 8};
  return bytes.size() >= 4 && bytes[0] == 10 && std::ranges::find(kVersions, bytes[1]) != kVersions.end() &&
         bytes[2] == 1 && std::ranges::find(kDepths, bytes[3]) != kDepths.end();
}

// A palette of 256 colours lies at the end of the file, of a DCX as well.
DecodedImage decode_pcx(Bytes bytes, const DecodeOptions& options) {
  const PcxLayout layout = read_pcx_header(bytes, options);
  Bytes rest = bytes.subspan(kPcxHeaderBytes);
  const std::vector<std::uint8_t> rows = unpack_pcx_rows(layout, rest);
  const Bytes palette = find_pcx_palette(layout, bytes, rest);
  DecodedImage decoded{RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
  auto* to = decoded.image.pixels.begin();
  for (std::size_t y = 0; y < layout.height; ++y) {
    const std::uint8_t* row = rows.data() + y * layout.row_bytes();
    for (std::size_t x = 0; x < layout.width; ++x) {
      if (layout.num_planes == 3) {
        for (std::size_t plane = 0; plane < 3; ++plane) *to++ = row[plane * layout.plane_bytes + x];
        continue;
      }
      unsigned value = 0;
      if (layout.bits == 8) {
        value = row[x];
      } else {
        for (std::size_t plane = 0; plane < layout.num_planes; ++plane)
          value |= (row[plane * layout.plane_bytes + x / 8] >> (7 - x % 8) & 1U) << plane;
      }
      const bool is_white = layout.bits == 1 && layout.num_planes == 1 && value == 1;
      if (palette.empty()) {
        to = std::fill_n(to, 3, static_cast<std::uint8_t>(is_white ? 255 : value));
      } else {
        to = std::copy_n(palette.data() + std::size_t{3} * value, 3, to);
      }
    }
  }
  return decoded;
}

DecodedImage decode_dcx(Bytes bytes, const DecodeOptions& options) {
  std::size_t num_pages = 0;
  std::size_t picture_at = 0;
  constexpr std::size_t kMaxPages = 1023;
  // Where the pictures are, after a signature of four bytes, up to a zero.
  for (std::size_t at = 4; num_pages < kMaxPages && bytes.size() - at >= 4; at += 4) {
    const std::size_t found = read_u32_le(bytes, at);
    if (found == 0) break;
    if (++num_pages == static_cast<std::size_t>(options.page)) picture_at = found;
  }
  if (num_pages == 0) throw_broken("DCX", "it has no pages");
  if (picture_at == 0) throw_no_page("DCX", static_cast<std::int64_t>(num_pages), options);
  const Bytes picture = bytes.subspan(std::min(picture_at, bytes.size()));
  if (!is_pcx(picture)) throw_broken("DCX", "that page is no PCX picture");
  return decode_pcx(picture, options);
}

}  // namespace clipcls
