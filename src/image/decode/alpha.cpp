#include "alpha.h"

#include <algorithm>

namespace clipcls {

void take_rgba(const std::uint8_t* rgba, std::size_t row_bytes, DecodedImage& decoded) {
  const auto width = static_cast<std::size_t>(decoded.image.width);
  const auto height = static_cast<std::size_t>(decoded.image.height);
  decoded.alpha.resize(width * height);
  std::uint8_t* pixel = decoded.image.pixels.data();
  std::uint8_t* alpha = decoded.alpha.data();
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* from = rgba + y * row_bytes;
    for (std::size_t x = 0; x < width; ++x, from += 4) {
      pixel = std::copy_n(from, 3, pixel);
      *alpha++ = from[3];
    }
  }
}

void undo_premultiplication(DecodedImage& decoded) {
  std::uint8_t* pixel = decoded.image.pixels.data();
  for (const unsigned alpha : decoded.alpha) {
    for (int c = 0; c < 3; ++c, ++pixel) {
      if (alpha != 0 && alpha != 255)
        *pixel = static_cast<std::uint8_t>(std::min(255 * unsigned{*pixel} / alpha, 255U));
    }
  }
}

void put_on_background(const std::array<std::uint8_t, 3>& background, DecodedImage& decoded) {
  std::uint8_t* pixel = decoded.image.pixels.data();
  for (const unsigned alpha : decoded.alpha) {
    for (const unsigned behind : background) {
      // Pillow's blend, in integers: the colour over the background, weighted by alpha / 255. The 128 rounds.
      const unsigned sum = *pixel * alpha + behind * (255 - alpha) + 128;
      *pixel++ = static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);  // sum / 255, rounded
    }
  }
  // An empty alpha means that all pixels are opaque, which is what they are now.
  decoded.alpha.clear();
}

bool is_mostly_transparent(const std::vector<std::uint8_t>& alpha) {
  const auto num_transparent = std::ranges::count_if(alpha, [](std::uint8_t value) { return value < 128; });
  return static_cast<std::size_t>(num_transparent) > alpha.size() / 2;
}

}  // namespace clipcls
