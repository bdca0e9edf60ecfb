#include "bmp_picture.h"

#include <algorithm>
#include <bit>

namespace clipcls {
namespace {

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

/// Colours that the file lacks are black.
Palette read_palette(const BmpPicture& picture, Bytes file) {
  const Bytes colors = file.subspan(std::min(file.size(), picture.palette_at));
  Palette palette = {};
  for (std::size_t i = 0; i < std::min(picture.num_colors, palette.size()); ++i) {
    const std::size_t at = i * picture.color_size();
    for (std::size_t c = 0; c < 3 && at + 2 < colors.size(); ++c) palette[i][c] = colors[at + 2 - c];
  }
  return palette;
}

bool has_greys(const BmpPicture& picture, const Palette& palette) {
  const bool is_bilevel = picture.bits == 1;
  if (picture.bits != 8 && !(is_bilevel && picture.num_colors <= 2)) return false;
  for (std::size_t i = 0; i < std::min(picture.num_colors, palette.size()); ++i) {
    const std::size_t gray = is_bilevel ? 255 * i : i;
    if (!std::ranges::all_of(palette[i], [&](std::uint8_t value) { return value == gray; })) return false;
  }
  return true;
}

/// Greys go on behind the end of the palette, as Pillow takes the indices for the greys themselves.
Palette read_whole_palette(const BmpPicture& picture, Bytes file) {
  Palette palette = read_palette(picture, file);
  if (!has_greys(picture, palette)) return palette;
  for (std::size_t i = 0; i < palette.size(); ++i)
    palette[i].fill(static_cast<std::uint8_t>(picture.bits == 1 && i > 0 ? 255 : i));
  return palette;
}

/// The rows of the file, the picture's topmost first; padded to four bytes, but the last may lack its
/// padding. One that is missing is empty.
class Rows {
 public:
  Rows(const BmpPicture& picture, Bytes file)
      : is_top_down_(picture.is_top_down),
        height_(static_cast<std::size_t>(picture.height)),
        row_size_((static_cast<std::size_t>(picture.width) * picture.bits + 7) / 8),
        stride_((row_size_ + 3) / 4 * 4),
        rows_(file.subspan(std::min(file.size(), picture.pixels_at))) {
    const bool has_some = rows_.size() >= row_size_ && picture.may_be_cut;
    if (are_missing() && !has_some) throw_broken(picture.format, kFileEndsEarly);
  }
  bool are_missing() const { return rows_.size() < stride_ * (height_ - 1) + row_size_; }
  Bytes row(std::size_t y) const {
    const std::size_t at = (is_top_down_ ? y : height_ - 1 - y) * stride_;
    return at + row_size_ <= rows_.size() ? rows_.subspan(at, row_size_) : Bytes();
  }

 private:
  bool is_top_down_;
  std::size_t height_;
  std::size_t row_size_;
  std::size_t stride_;
  Bytes rows_;
};

DecodedImage empty_image(const BmpPicture& picture) {
  return {RgbImage(static_cast<int>(picture.width), static_cast<int>(picture.height))};
}

DecodedImage read_runs(const BmpPicture& picture, Bytes file) {
  const Palette palette = read_whole_palette(picture, file);
  const std::vector<std::uint8_t> indices = unpack_bmp_runs(picture, file);
  DecodedImage decoded = empty_image(picture);
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* row = indices.data() + (picture.is_top_down ? y : height - 1 - y) * width;
    for (std::size_t x = 0; x < width; ++x) to = std::copy_n(palette[row[x]].begin(), 3, to);
  }
  return decoded;
}

DecodedImage read_indices(const BmpPicture& picture, Bytes file) {
  const Palette palette = read_whole_palette(picture, file);
  const Rows rows(picture, file);
  DecodedImage decoded = empty_image(picture);
  decoded.is_truncated = rows.are_missing();
  const std::vector<std::uint8_t> zeros((static_cast<std::size_t>(picture.width) * picture.bits + 7) / 8);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    const Bytes row = rows.row(y).empty() ? Bytes(zeros) : rows.row(y);
    for (std::size_t x = 0; x < static_cast<std::size_t>(picture.width); ++x) {
      const std::size_t first_bit = x * picture.bits;
      // The leftmost pixel has the highest bits of its byte.
      const unsigned shift = 8 - picture.bits - first_bit % 8;
      const std::size_t index = row[first_bit / 8] >> shift & ((1U << picture.bits) - 1);
      to = std::copy_n(palette[index].begin(), 3, to);
    }
  }
  return decoded;
}

/// One colour of a pixel, scaled to a byte.
class MaskedChannel {
 public:
  explicit MaskedChannel(std::uint32_t mask)
      : mask_(mask), shift_(mask == 0 ? 0 : std::countr_zero(mask)), max_(mask >> shift_) {}

  std::uint8_t of(std::uint32_t pixel) const {
    const std::uint64_t value = (pixel & mask_) >> shift_;
    // Rounded down, as in Pillow.
    return static_cast<std::uint8_t>(max_ == 255 ? value : max_ == 0 ? 0 : value * 255 / max_);
  }

 private:
  std::uint32_t mask_;
  int shift_;
  std::uint32_t max_;
};

DecodedImage read_masked(const BmpPicture& picture, Bytes file) {
  const Rows rows(picture, file);
  const std::array channels = {MaskedChannel(picture.masks.red), MaskedChannel(picture.masks.green),
                               MaskedChannel(picture.masks.blue)};
  const MaskedChannel alpha(picture.masks.alpha);
  const bool has_alpha = picture.masks.alpha != 0;
  const std::size_t pixel_size = picture.bits / 8;
  DecodedImage decoded = empty_image(picture);
  decoded.is_truncated = rows.are_missing();
  const std::vector<std::uint8_t> zeros(static_cast<std::size_t>(picture.width) * pixel_size);
  if (has_alpha) decoded.alpha.reserve(decoded.image.pixels.size() / 3);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t y = 0; y < static_cast<std::size_t>(picture.height); ++y) {
    const Bytes row = rows.row(y).empty() ? Bytes(zeros) : rows.row(y);
    for (std::size_t at = 0; at < row.size(); at += pixel_size) {
      std::uint32_t pixel = read_u16_le(row, at);
      if (pixel_size > 2) pixel |= std::uint32_t{row[at + 2]} << 16;
      if (pixel_size > 3) pixel |= std::uint32_t{row[at + 3]} << 24;
      for (const MaskedChannel& channel : channels) *to++ = channel.of(pixel);
      if (has_alpha) decoded.alpha.push_back(alpha.of(pixel));
    }
  }
  return decoded;
}

}  // namespace

bool has_greys(const BmpPicture& picture, Bytes file) {
  return picture.has_palette() && has_greys(picture, read_palette(picture, file));
}

DecodedImage read_bmp_pixels(const BmpPicture& picture, Bytes file) {
  if (!picture.has_palette()) return read_masked(picture, file);
  return picture.compression != 0 ? read_runs(picture, file) : read_indices(picture, file);
}

}  // namespace clipcls
