#include "image/resize_region.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "image/resize_weights.h"
#include "support/kernel_variants.h"

namespace clipcls {
namespace {

RgbImage random_picture(int width, int height) {
  std::mt19937 generator(11);
  RgbImage image(width, height);
  for (std::uint8_t& byte : image.pixels) byte = static_cast<std::uint8_t>(generator());
  return image;
}

/// One pass along the rows, one number after the other.
RgbImage resize_width_plainly(const RgbImage& image, int width, Interpolation interpolation) {
  const ResizeWeights plan = compute_resize_weights(image.width, width, 0, width, interpolation);
  RgbImage result(width, image.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(x);
      for (int channel = 0; channel < 3; ++channel) {
        std::int32_t sum = 1 << (kWeightBits - 1);
        for (int tap = 0; tap < plan.num_taps[i]; ++tap) {
          const auto from = static_cast<std::size_t>((y * image.width + plan.first[i] + tap) * 3 + channel);
          sum += plan.weights[i * static_cast<std::size_t>(plan.stride) + static_cast<std::size_t>(tap)] *
                 image.pixels[from];
        }
        result.pixels[static_cast<std::size_t>((y * width + x) * 3 + channel)] =
            static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
      }
    }
  }
  return result;
}

RgbImage transposed(const RgbImage& image) {
  RgbImage result(image.height, image.width);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        result.pixels[static_cast<std::size_t>((x * image.height + y) * 3 + channel)] =
            image.pixels[static_cast<std::size_t>((y * image.width + x) * 3 + channel)];
      }
    }
  }
  return result;
}

class ResizeRegionTest : public KernelVariantTest {};

TEST_P(ResizeRegionTest, EqualsThePlainComputation) {
  const RgbImage image = random_picture(83, 37);  // no multiple of a vector or of a strip
  for (const Interpolation interpolation : {Interpolation::kBicubic, Interpolation::kBilinear}) {
    for (const auto& [width, height] :
         {std::pair{224, 37}, {19, 37}, {83, 224}, {83, 11}, {51, 23}, {128, 99}}) {
      const RgbImage actual =
          resize_region(image, {width, height}, {0, 0, width, height}, interpolation, GetParam());
      RgbImage expected = width == image.width ? image : resize_width_plainly(image, width, interpolation);
      if (height != image.height)
        expected = transposed(resize_width_plainly(transposed(expected), height, interpolation));
      EXPECT_EQ(actual.pixels, expected.pixels) << width << " x " << height;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, ResizeRegionTest, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls
