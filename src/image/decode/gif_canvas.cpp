#include "gif_canvas.h"

#include <algorithm>
#include <utility>

namespace clipcls {
namespace {

/// The rows of a frame in the order in which they are stored.
std::vector<std::size_t> row_order(const GifFrame& frame) {
  std::vector<std::size_t> rows;
  const auto add = [&](std::size_t first, std::size_t step) {
    for (std::size_t row = first; row < frame.height; row += step) rows.push_back(row);
  };
  // An interlaced frame comes in four passes, each of which fills in between the rows of those before.
  if (!frame.is_interlaced) {
    add(0, 1);
  } else {
    add(0, 8);
    add(4, 8);
    add(2, 4);
    add(1, 2);
  }
  return rows;
}

}  // namespace

GifPalette gif_gray_ramp() {
  GifPalette ramp;
  for (std::size_t i = 0; i < ramp.colors.size(); ++i) ramp.colors[i].fill(static_cast<std::uint8_t>(i));
  ramp.is_gray = true;
  return ramp;
}

GifSize GifCanvas::size_with(const GifFrame& frame) const {
  return {std::max(size_.width, frame.left + frame.width), std::max(size_.height, frame.top + frame.height)};
}

GifCanvas::Pixel GifCanvas::pixel_of(const GifFrame& frame, std::size_t index, std::uint8_t alpha) const {
  const auto gray = static_cast<std::uint8_t>(index);
  if (is_gray_) return {gray, gray, gray, alpha};
  const auto& color = frame.palette.colors[index];
  return {color[0], color[1], color[2], alpha};
}

void GifCanvas::add(const GifFrame& frame, std::span<const std::uint8_t> indices, bool is_last) {
  const GifSize size = size_with(frame);
  if (is_empty_) {
    is_gray_ = frame.palette.is_gray;
    has_alpha_ = frame.transparent_index.has_value();
    if (is_gray_) transparent_gray_ = frame.transparent_index;
    const std::uint8_t index = frame.transparent_index.value_or(0);
    pixels_.assign(size.width * size.height, pixel_of(frame, index, has_alpha_ ? 0 : 255));
    size_ = size;
    patch_ = is_last ? Patch{} : patch_of(frame);
  } else {
    put_back();
    if (has_seen_colors_) is_gray_ = false;
    patch_ = is_last ? Patch{} : patch_of(frame);
    grow(size, frame);
  }
  draw(frame, indices);
  has_seen_colors_ = !frame.palette.is_gray;
  is_empty_ = false;
}

void GifCanvas::put_back() {
  const std::size_t num_rows = patch_.pixels.empty() ? 0 : patch_.pixels.size() / patch_.width;
  for (std::size_t y = 0; y < num_rows; ++y) {
    std::copy_n(patch_.pixels.data() + y * patch_.width, patch_.width,
                pixels_.data() + (patch_.top + y) * size_.width + patch_.left);
  }
}

GifCanvas::Patch GifCanvas::patch_of(const GifFrame& frame) const {
  Patch patch{frame.left, frame.top, frame.width};
  const std::size_t num_pixels = frame.width * frame.height;
  const std::optional<std::uint8_t> transparent =
      transparent_gray_ && is_gray_ ? transparent_gray_ : frame.transparent_index;
  // Behind the end of a palette Pillow takes its first colour; of the first frame's, black.
  const auto known = [&](std::uint8_t index) -> std::size_t {
    return index < frame.palette.num_colors || is_empty_ ? index : 0;
  };
  if (frame.disposal == 2) {
    patch.pixels.assign(num_pixels, transparent ? pixel_of(frame, known(*transparent), 0)
                                                : pixel_of(frame, known(background_index_), 255));
  } else if (frame.disposal > 2 && is_empty_ && transparent) {
    patch.pixels.assign(num_pixels, pixel_of(frame, *transparent, 0));
  } else if (frame.disposal > 2 && !is_empty_) {
    // What lies outside of the canvas, which may still grow, is nothing.
    patch.pixels.assign(num_pixels, Pixel{});
    for (std::size_t y = frame.top; y < std::min(frame.top + frame.height, size_.height); ++y) {
      for (std::size_t x = frame.left; x < std::min(frame.left + frame.width, size_.width); ++x)
        patch.pixels[(y - frame.top) * frame.width + x - frame.left] = pixels_[y * size_.width + x];
    }
  }
  return patch;
}

void GifCanvas::grow(GifSize size, const GifFrame& frame) {
  if (size.width == size_.width && size.height == size_.height) return;
  Pixel free = {};
  if (!is_gray_) {
    has_alpha_ = frame.transparent_index.has_value();
    if (!has_alpha_) free = pixel_of(frame, 0, 255);
  }
  std::vector<Pixel> grown(size.width * size.height, free);
  for (std::size_t y = 0; y < size_.height; ++y)
    std::copy_n(pixels_.data() + y * size_.width, size_.width, grown.data() + y * size.width);
  pixels_ = std::move(grown);
  size_ = size;
}

void GifCanvas::draw(const GifFrame& frame, std::span<const std::uint8_t> indices) {
  // What is missing has the transparent index, or is the first.
  const std::uint8_t otherwise = frame.transparent_index.value_or(0);
  std::size_t next = 0;
  for (const std::size_t row : row_order(frame)) {
    Pixel* to = pixels_.data() + (frame.top + row) * size_.width + frame.left;
    for (std::size_t x = 0; x < frame.width; ++x, ++to, ++next) {
      const std::uint8_t index = next < indices.size() ? indices[next] : otherwise;
      const bool is_transparent = frame.transparent_index && index == *frame.transparent_index;
      if (is_transparent && !is_empty_) continue;
      *to = pixel_of(frame, index, is_transparent ? 0 : 255);
    }
  }
}

DecodedImage GifCanvas::picture() && {
  DecodedImage decoded{RgbImage(static_cast<int>(size_.width), static_cast<int>(size_.height))};
  std::uint8_t* to = decoded.image.pixels.data();
  for (const Pixel& pixel : pixels_) to = std::copy_n(pixel.data(), 3, to);
  if (!has_alpha_) return decoded;
  decoded.alpha.reserve(pixels_.size());
  for (const Pixel& pixel : pixels_) {
    // Of greys the value says it, whichever frame it is from.
    const bool is_opaque = is_gray_ ? pixel[0] != transparent_gray_ : pixel[3] != 0;
    decoded.alpha.push_back(is_opaque ? 255 : 0);
  }
  return decoded;
}

}  // namespace clipcls
