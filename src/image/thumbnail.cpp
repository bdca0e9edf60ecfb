#include "image/thumbnail.h"

#include <algorithm>
#include <cmath>

#include "encode_jpeg.h"
#include "image/resize.h"

namespace clipcls {
namespace {

// libjpeg's own default: good enough for a thumbnail at a few kilobytes.
constexpr int kQuality = 75;

}  // namespace

std::vector<std::uint8_t> make_thumbnail(const RgbImage& image, int max_side) {
  const double scale = static_cast<double>(max_side) / std::max({image.width, image.height, 1});
  // A small picture is never enlarged: that costs bytes and shows nothing more.
  if (scale >= 1) return encode_jpeg(image, kQuality);
  const auto scaled = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
  return encode_jpeg(resize(image, scaled(image.width), scaled(image.height), Interpolation::kBilinear),
                     kQuality);
}

}  // namespace clipcls
