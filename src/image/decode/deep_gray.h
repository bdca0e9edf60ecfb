#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "decoders.h"

namespace clipcls {

/// The values that are black and white.
struct GrayRange {
  double low = 0;
  double high = 255;
  bool is_inverted = false;  ///< `low` is white
};

inline std::uint8_t clip_gray(double value) {
  // A value that is no number is black.
  return value >= 255 ? 255 : value > 0 ? static_cast<std::uint8_t>(value) : 0;
}

/// The lowest and the highest of `num_values` numbers; those that are not finite do not count.
template <typename ValueOf>
GrayRange own_range(std::size_t num_values, const ValueOf& value_of) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  GrayRange range = {kInfinity, -kInfinity};
  for (std::size_t i = 0; i < num_values; ++i) {
    const double value = value_of(i);
    if (!std::isfinite(value)) continue;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
  }
  return range.low <= range.high ? range : GrayRange{0, 0};
}

/// Writes grey of more than 8 bits, whose i-th pixel is the number `value_of(i)`, to the picture. `declared`
/// is what DeepGray::kScale takes.
template <typename ValueOf>
void draw_deep_gray(DeepGray how, const GrayRange& declared, const ValueOf& value_of, DecodedImage& decoded) {
  const std::size_t num_values = decoded.image.pixels.size() / 3;
  std::uint8_t* to = decoded.image.pixels.data();
  if (how == DeepGray::kClip) {
    for (std::size_t i = 0; i < num_values; ++i) {
      const double value = value_of(i);
      decoded.is_gray_clipped = decoded.is_gray_clipped || value > 255;
      to = std::fill_n(to, 3, clip_gray(value));
    }
    return;
  }
  GrayRange range = declared;
  if (how == DeepGray::kStretch) {
    range = own_range(num_values, value_of);
    range.is_inverted = declared.is_inverted;
  }
  // One value alone is black.
  const double width = range.high > range.low ? range.high - range.low : 1;
  std::uint8_t brightest = 0;
  for (std::size_t i = 0; i < num_values; ++i) {
    const double value = std::floor((value_of(i) - range.low) * 255 / width + 0.5);
    const std::uint8_t gray = clip_gray(value);
    brightest = std::max(brightest, gray);
    to = std::fill_n(to, 3, static_cast<std::uint8_t>(range.is_inverted ? 255 - gray : gray));
  }
  constexpr std::uint8_t kDark = 255 / 16;
  decoded.is_gray_dark = how == DeepGray::kScale && brightest <= kDark && brightest > 0;
}

}  // namespace clipcls
