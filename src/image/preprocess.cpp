#include "image/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "clipcls/error.h"
#include "resize_region.h"

namespace clipcls {
namespace {

// Python's int(round(x / 2)) for x >= 0: halves go to the even neighbour.
std::int64_t half_to_even(std::int64_t x) {
  const std::int64_t half = x / 2;
  return x % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

// torchvision's Resize(size): the longer side is truncated, in double as Python divides.
std::int64_t resized_long_side(int size, int long_side, int short_side) {
  const auto product = static_cast<double>(std::int64_t{size} * long_side);
  return static_cast<std::int64_t>(product / static_cast<double>(short_side));
}

// open_clip's ResizeKeepRatio with longest=1: round(x / ratio), halves to even.
std::int64_t padded_side(int side, double ratio) {
  return std::max(static_cast<std::int64_t>(std::nearbyint(static_cast<double>(side) / ratio)),
                  std::int64_t{1});
}

/// The whole picture in the middle of a black square.
RgbImage resize_and_pad(const RgbImage& image, const PreprocessConfig& config) {
  const int side = config.image_size;
  const double ratio = static_cast<double>(std::max({image.width, image.height, 1})) / side;
  const ResizedSize size = {padded_side(image.width, ratio), padded_side(image.height, ratio)};
  const ResizedRegion whole = {0, 0, static_cast<int>(size.width), static_cast<int>(size.height)};
  const RgbImage inner = resize_region(image, size, whole, config.interpolation);
  RgbImage square(side, side);
  const auto left = static_cast<std::size_t>((side - inner.width) / 2);
  const auto top = static_cast<std::size_t>((side - inner.height) / 2);
  const std::size_t row = static_cast<std::size_t>(inner.width) * 3;
  for (std::size_t y = 0; y < static_cast<std::size_t>(inner.height); ++y) {
    std::copy_n(inner.pixels.data() + y * row, row,
                square.pixels.data() + ((top + y) * static_cast<std::size_t>(side) + left) * 3);
  }
  return square;
}

using PixelTable = std::array<std::array<float, 256>, 3>;

// What ToTensor and Normalize make of each byte, operation by operation in float as they do.
PixelTable compute_pixel_table(const PreprocessConfig& config) {
  PixelTable table;
  for (std::size_t c = 0; c < table.size(); ++c) {
    for (std::size_t value = 0; value < table[c].size(); ++value) {
      const float unit = static_cast<float>(value) / 255.0F;
      table[c][value] = (unit - config.image_mean[c]) / config.image_std[c];
    }
  }
  return table;
}

}  // namespace

const std::map<std::string, ResizeMode>& resize_mode_words() {
  static const std::map<std::string, ResizeMode> words = {
      {"shortest", ResizeMode::kShortest}, {"squash", ResizeMode::kSquash}, {"longest", ResizeMode::kPad}};
  return words;
}

std::string resize_mode_word(ResizeMode mode) {
  const auto& words = resize_mode_words();
  return std::ranges::find(words, mode, &std::pair<const std::string, ResizeMode>::second)->first;
}

RgbImage resize_and_crop(const RgbImage& image, const PreprocessConfig& config) {
  if (config.resize_mode == ResizeMode::kPad) return resize_and_pad(image, config);
  const int side = config.image_size;
  ResizedSize size = {side, side};
  if (config.resize_mode == ResizeMode::kShortest) {
    if (image.width <= image.height) {
      size.height = resized_long_side(side, image.height, std::max(image.width, 1));
    } else {
      size.width = resized_long_side(side, image.width, std::max(image.height, 1));
    }
  }
  // No side is ever smaller than the crop, so torchvision's padding has no counterpart here.
  const auto offset = [&](std::int64_t margin) {
    return config.crop_rounds_down ? margin / 2 : half_to_even(margin);
  };
  const ResizedRegion crop = {offset(size.width - side), offset(size.height - side), side, side};
  return resize_region(image, size, crop, config.interpolation);
}

void preprocess(const RgbImage& image, const PreprocessConfig& config, std::span<float> pixel_values) {
  if (pixel_values.size() != config.num_pixel_values()) {
    throw Error(ErrorKind::kInvalidArgument, "preprocess: the output has room for " +
                                                 std::to_string(pixel_values.size()) + " floats and needs " +
                                                 std::to_string(config.num_pixel_values()));
  }
  const RgbImage square = resize_and_crop(image, config);
  // A byte has 256 values, so 768 divisions stand for all of the picture's. The output is planar, as the
  // model takes it: [3, image_size, image_size].
  const PixelTable table = compute_pixel_table(config);
  const std::size_t plane = pixel_values.size() / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    float* output = pixel_values.data() + c * plane;
    const std::uint8_t* input = square.pixels.data() + c;
    for (std::size_t i = 0; i < plane; ++i) output[i] = table[c][input[i * 3]];
  }
}

}  // namespace clipcls
