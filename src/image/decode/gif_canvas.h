#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decoders.h"

namespace clipcls {

struct GifPalette {
  std::array<std::array<std::uint8_t, 3>, 256> colors = {};
  std::size_t num_colors = 256;
  bool is_gray = false;  ///< each index is its own grey
};

GifPalette gif_gray_ramp();

struct GifFrame {
  std::size_t left = 0, top = 0, width = 0, height = 0;
  bool is_interlaced = false;
  GifPalette palette = {};
  std::optional<std::uint8_t> transparent_index = {};
  unsigned disposal =
      0;  ///< 2: its place becomes the background, 3 and more: what was there before; else it stays
};

struct GifSize {
  std::size_t width = 0, height = 0;
};

/// The frames of a GIF one over the other, as Pillow has them: of the first frame transparent pixels keep
/// their colour; the canvas grows to hold each frame; what the first frame leaves free has the colour of its
/// transparent index, or of index 0.
class GifCanvas {
 public:
  /// `background_index`: of the screen's palette; 0: it has none.
  GifCanvas(std::size_t width, std::size_t height, std::uint8_t background_index)
      : size_{width, height}, background_index_(background_index) {}

  /// How large it is with `frame` on it.
  GifSize size_with(const GifFrame& frame) const;
  GifSize size() const { return size_; }

  /// `indices`: the frame's pixels in the order in which they are stored; fewer where the others are lost.
  /// `is_last`: none comes after it.
  void add(const GifFrame& frame, std::span<const std::uint8_t> indices, bool is_last);

  /// What is seen after the last frame.
  DecodedImage picture() &&;

 private:
  using Pixel = std::array<std::uint8_t, 4>;  ///< red, green, blue, alpha

  /// What takes the place of a frame once the next one comes.
  struct Patch {
    std::size_t left = 0, top = 0, width = 0;
    std::vector<Pixel> pixels = {};  ///< [height, width]; empty: nothing does
  };

  void put_back();
  Patch patch_of(const GifFrame& frame) const;
  void grow(GifSize size, const GifFrame& frame);
  void draw(const GifFrame& frame, std::span<const std::uint8_t> indices);
  Pixel pixel_of(const GifFrame& frame, std::size_t index, std::uint8_t alpha) const;

  GifSize size_;
  std::uint8_t background_index_;
  std::vector<Pixel> pixels_;
  Patch patch_;
  bool is_empty_ = true;  ///< no frame was added
  bool has_alpha_ = false;
  /// Pillow has greys alone as long as no frame has colours; it draws the first that has as greys, too.
  bool is_gray_ = false;
  bool has_seen_colors_ = false;
  std::optional<std::uint8_t> transparent_gray_ = {};
};

}  // namespace clipcls
