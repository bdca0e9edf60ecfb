// The information headers of bitmaps: seven sizes, of Windows and OS/2.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "bmp_picture.h"

namespace clipcls {
namespace {

enum : std::uint32_t {
  kUncompressed = 0,
  kRunLength8 = 1,
  kRunLength4 = 2,
  kBitFields = 3,
  kAlphaBitFields = 6
};
constexpr std::uint32_t kOs2HeaderSize = 12;      // sides of two bytes, no compression
constexpr std::uint32_t kWindowsHeaderSize = 40;  // masks follow it; longer ones have them inside
constexpr std::size_t kMasksAt = 40;

BmpMasks masks_of(const BmpPicture& picture, Bytes file, std::size_t at) {
  const std::size_t masks_at = at + kMasksAt;
  const bool has_alpha = picture.header_size >= 56 || picture.compression == kAlphaBitFields;
  if (file.size() < masks_at + (has_alpha ? 16 : 12)) throw_broken(picture.format, kFileEndsEarly);
  BmpMasks masks{read_u32_le(file, masks_at), read_u32_le(file, masks_at + 4),
                 read_u32_le(file, masks_at + 8)};
  // Pillow knows alpha in 32 bits alone.
  if (has_alpha && picture.bits == 32) masks.alpha = read_u32_le(file, masks_at + 12);
  return masks;
}

void read_masks(BmpPicture& picture, Bytes file, std::size_t at) {
  constexpr BmpMasks kBgrx = {0xFF0000, 0xFF00, 0xFF, 0};
  if (picture.compression == kUncompressed) {
    picture.masks = picture.bits == 16 ? BmpMasks{0x7C00, 0x03E0, 0x1F, 0} : kBgrx;
    return;
  }
  picture.masks = masks_of(picture, file, at);
  if (picture.header_size == kWindowsHeaderSize)
    picture.palette_at += picture.compression == kAlphaBitFields ? 16 : 12;
  const BmpMasks& masks = picture.masks;
  if (masks.red != 0 || masks.green != 0 || masks.blue != 0) return;
  if (picture.bits != 32 || masks.alpha != 0) throw_broken(picture.format, "its bit fields are empty");
  picture.masks = kBgrx;
  picture.masks.alpha = 0xFF000000;
}

void read_fields(BmpPicture& picture, Bytes file, std::size_t at) {
  if (picture.header_size == kOs2HeaderSize) {
    picture.width = read_u16_le(file, at + 4);
    picture.height = read_u16_le(file, at + 6);
    picture.bits = read_u16_le(file, at + 10);
    return;
  }
  picture.width = static_cast<std::int32_t>(read_u32_le(file, at + 4));
  picture.height = static_cast<std::int32_t>(read_u32_le(file, at + 8));
  picture.is_top_down = picture.height < 0;
  picture.height = std::abs(picture.height);
  picture.bits = read_u16_le(file, at + 14);
  // OS/2 may leave the rest out.
  if (picture.header_size >= 20) picture.compression = read_u32_le(file, at + 16);
  if (picture.header_size >= 36) picture.num_colors = read_u32_le(file, at + 32);
}

void require_known_pixels(const BmpPicture& picture) {
  const unsigned bits = picture.bits;
  const std::uint32_t compression = picture.compression;
  const bool has_fields = compression == kBitFields || compression == kAlphaBitFields;
  const bool is_run_length = compression == kRunLength8 || compression == kRunLength4;
  const bool is_known = picture.has_palette() ? bits == 1 || bits == 2 || bits == 4 || bits == 8
                                              : bits == 16 || bits == 24 || bits == 32;
  const bool fits = compression == kUncompressed || (picture.has_palette() ? is_run_length : has_fields);
  if (is_known && fits) return;
  throw Error(ErrorKind::kUnsupportedFormat,
              "the " + std::string(picture.format) + " picture is of a kind that is not read here: " +
                  std::to_string(bits) + " bits a pixel, compression " + std::to_string(compression));
}

}  // namespace

BmpPicture read_bmp_header(std::string_view format, Bytes file, std::size_t at) {
  BmpPicture picture;
  picture.format = format;
  if (file.size() < 4 || at > file.size() - 4) throw_broken(format, kFileEndsEarly);
  picture.header_size = read_u32_le(file, at);
  if (!is_bmp_header_size(picture.header_size)) throw_broken(format, "its header is of an unknown size");
  if (file.size() - at < picture.header_size) throw_broken(format, kFileEndsEarly);
  read_fields(picture, file, at);
  require_known_pixels(picture);
  picture.palette_at = at + picture.header_size;
  if (!picture.has_palette()) read_masks(picture, file, at);
  if (picture.num_colors == 0) picture.num_colors = std::size_t{1} << picture.bits;
  constexpr std::size_t kMaxColors = 65536;  // Pillow's
  if (picture.has_palette() && picture.num_colors > kMaxColors)
    throw_broken(format, "its palette is too long");
  picture.pixels_at = std::min(picture.palette_at + picture.palette_size(), file.size());
  return picture;
}

}  // namespace clipcls
