// BMP files, and DIB files, which lack their first 14 bytes.
#include "bmp_picture.h"
#include "decoders.h"

namespace clipcls {
namespace {

DecodedImage decode_bitmap(BmpPicture picture, Bytes bytes, const DecodeOptions& options) {
  check_size(picture.format, picture.width, picture.height, options);
  picture.may_be_cut = options.accepts_truncated;
  return read_bmp_pixels(picture, bytes);
}

}  // namespace

bool is_bmp(Bytes bytes) {
  // "BM" alone also opens plain text; the size of the information header tells.
  return starts_with(bytes, "BM") && bytes.size() >= 18 && is_bmp_header_size(read_u32_le(bytes, 14));
}

bool is_dib(Bytes bytes) {
  if (bytes.size() < 16) return false;
  const std::uint32_t size = read_u32_le(bytes, 0);
  // One plane, which all have, tells it from other files that begin with such a number.
  return is_bmp_header_size(size) && read_u16_le(bytes, size == 12 ? 8 : 12) == 1;
}

DecodedImage decode_bmp(Bytes bytes, const DecodeOptions& options) {
  constexpr std::size_t kHeaderAt = 14;
  BmpPicture picture = read_bmp_header("BMP", bytes, kHeaderAt);
  const std::size_t pixels_at = read_u32_le(bytes, 10);
  // Some writers forget the palette, and some everything.
  const bool is_forgotten = picture.has_palette() && pixels_at == kHeaderAt + picture.header_size;
  if (pixels_at != 0 && !is_forgotten) picture.pixels_at = pixels_at;
  return decode_bitmap(picture, bytes, options);
}

DecodedImage decode_dib(Bytes bytes, const DecodeOptions& options) {
  return decode_bitmap(read_bmp_header("DIB", bytes, 0), bytes, options);
}

}  // namespace clipcls
