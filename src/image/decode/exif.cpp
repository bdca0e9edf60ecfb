// The one thing that is read of EXIF and XMP: which way up the camera was held.
#include "exif.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace clipcls {
namespace {

constexpr unsigned kOrientationTag = 0x0112;
constexpr unsigned kTypeShort = 3;
constexpr unsigned kTypeLong = 4;
constexpr std::string_view kExifPrefix("Exif\0\0", 6);

int valid_or_upright(std::uint32_t value) { return value >= 1 && value <= 8 ? static_cast<int>(value) : 1; }

// The value of the orientation tag in the first directory of a TIFF structure, or nothing.
std::optional<std::uint32_t> find_orientation(Bytes tiff) {
  // EXIF is a TIFF structure: byte order, 42, offset of the first directory. A directory is a count and
  // entries of 12 bytes: tag (2), type (2), count (4), value (4).
  if (tiff.size() < 8) return std::nullopt;
  const bool little = starts_with(tiff, std::string_view("II*\0", 4));
  if (!little && !starts_with(tiff, std::string_view("MM\0*", 4))) return std::nullopt;
  const auto u16 = [&](std::size_t at) { return little ? read_u16_le(tiff, at) : read_u16_be(tiff, at); };
  const auto u32 = [&](std::size_t at) { return little ? read_u32_le(tiff, at) : read_u32_be(tiff, at); };

  const std::size_t directory = u32(4);
  if (directory > tiff.size() - 2) return std::nullopt;
  const unsigned num_entries = u16(directory);
  std::optional<std::uint32_t> found;
  std::size_t entry = directory + 2;
  for (unsigned i = 0; i < num_entries && tiff.size() - entry >= 12; ++i, entry += 12) {
    if (u16(entry) != kOrientationTag || u32(entry + 4) != 1) continue;
    const unsigned type = u16(entry + 2);
    // The last entry wins, as in Pillow.
    if (type == kTypeShort) found = u16(entry + 8);
    if (type == kTypeLong) found = u32(entry + 8);
  }
  return found;
}

std::optional<std::uint32_t> find_xmp_orientation(Bytes xmp) {
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  constexpr std::string_view kName = "tiff:Orientation";
  // Pillow's regular expression, tiff:Orientation(="|>)([0-9]): an attribute or an element. XML is not
  // parsed, and that the two agree on damaged packets is the point.
  for (std::size_t at = text.find(kName); at != std::string_view::npos; at = text.find(kName, at + 1)) {
    std::string_view rest = text.substr(at + kName.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return static_cast<std::uint32_t>(rest[0] - '0');
  }
  return std::nullopt;
}

Bytes without_prefix(Bytes exif) {
  // As often as it is there: some writers repeat it, and Pillow takes all of them off.
  while (starts_with(exif, kExifPrefix)) exif = exif.subspan(kExifPrefix.size());
  return exif;
}

}  // namespace

int read_exif_orientation(Bytes exif) {
  return valid_or_upright(find_orientation(without_prefix(exif)).value_or(1));
}

int read_xmp_orientation(Bytes xmp) { return valid_or_upright(find_xmp_orientation(xmp).value_or(1)); }

int read_orientation(Bytes exif, Bytes xmp) {
  if (const auto value = find_orientation(without_prefix(exif))) return valid_or_upright(*value);
  return read_xmp_orientation(xmp);
}

RgbImage apply_orientation(RgbImage image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  // The eight orientations are the mirrorings of both axes, and from 5 on also a swap of the axes.
  const bool swaps_sides = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

  // Output pixel (x, y) is the input pixel at origin + x * step_x + y * step_y.
  const std::ptrdiff_t row = std::ptrdiff_t{image.width} * 3;
  const std::ptrdiff_t along_width = from_right ? -3 : 3;
  const std::ptrdiff_t along_height = from_bottom ? -row : row;
  const std::ptrdiff_t origin = (from_right ? row - 3 : 0) + (from_bottom ? row * (image.height - 1) : 0);
  const std::ptrdiff_t step_x = swaps_sides ? along_height : along_width;
  const std::ptrdiff_t step_y = swaps_sides ? along_width : along_height;

  RgbImage turned = swaps_sides ? RgbImage(image.height, image.width) : RgbImage(image.width, image.height);
  constexpr int kTile = 32;  // so that a quarter turn of a large picture stays in the cache
  for (int tile_y = 0; tile_y < turned.height; tile_y += kTile) {
    for (int tile_x = 0; tile_x < turned.width; tile_x += kTile) {
      const int end_x = std::min(tile_x + kTile, turned.width);
      const int end_y = std::min(tile_y + kTile, turned.height);
      for (int y = tile_y; y < end_y; ++y) {
        std::uint8_t* to = turned.pixels.data() + (std::ptrdiff_t{y} * turned.width + tile_x) * 3;
        std::ptrdiff_t at = origin + tile_x * step_x + y * step_y;
        for (int x = tile_x; x < end_x; ++x, to += 3, at += step_x) {
          const std::uint8_t* from = image.pixels.data() + at;
          to[0] = from[0];
          to[1] = from[1];
          to[2] = from[2];
        }
      }
    }
  }
  return turned;
}

}  // namespace clipcls
