#include "image/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "golden_data.h"
#include "image/resize.h"

namespace clipcls {
namespace {

// A picture whose red is its column and whose green is its row.
RgbImage coordinates(int width, int height) {
  RgbImage image(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    image.pixels[i] = static_cast<std::uint8_t>(i / 3 % static_cast<std::size_t>(width));
    image.pixels[i + 1] = static_cast<std::uint8_t>(i / 3 / static_cast<std::size_t>(width));
  }
  return image;
}

// Where the crop of a picture begins that needs no resizing, as its short side is the target already.
int crop_offset(int long_side, int size, bool rounds_down = false) {
  PreprocessConfig config;
  config.image_size = size;
  config.crop_rounds_down = rounds_down;
  const RgbImage wide = resize_and_crop(coordinates(long_side, size), config);
  const RgbImage tall = resize_and_crop(coordinates(size, long_side), config);
  EXPECT_EQ(wide.pixels[0], tall.pixels[1]);
  return wide.pixels[0];
}

// int(round(x / 2.0)) in Python: a half goes to the even side.
TEST(Preprocess, CropOffsetsRoundHalvesToEven) {
  EXPECT_EQ(crop_offset(4, 4), 0);
  EXPECT_EQ(crop_offset(5, 4), 0);
  EXPECT_EQ(crop_offset(6, 4), 1);
  EXPECT_EQ(crop_offset(7, 4), 2);
  EXPECT_EQ(crop_offset(9, 4), 2);
  EXPECT_EQ(crop_offset(11, 4), 4);
}

// (x - size) // 2 in Python: transformers' image processors.
TEST(Preprocess, CropOffsetsRoundDownWhereTheModelSaysSo) {
  EXPECT_EQ(crop_offset(5, 4, true), 0);
  EXPECT_EQ(crop_offset(6, 4, true), 1);
  EXPECT_EQ(crop_offset(7, 4, true), 1);
  EXPECT_EQ(crop_offset(9, 4, true), 2);
  EXPECT_EQ(crop_offset(11, 4, true), 3);
}

RgbImage crop(const RgbImage& image, int left, int top, int side) {
  RgbImage result(side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side * 3; ++x) {
      result.pixels[static_cast<std::size_t>(y * side * 3 + x)] =
          image.pixels[static_cast<std::size_t>(((top + y) * image.width + left) * 3 + x)];
    }
  }
  return result;
}

// Computing the crop alone gives what resizing everything and cropping gives, in either order of the passes.
TEST(Preprocess, CroppingWhileResizingChangesNoPixel) {
  const int sizes[][2] = {{300, 100}, {100, 300}, {9, 41},    {41, 9},
                          {64, 1000}, {1000, 64}, {31, 2000}, {24, 25}};
  for (const auto& [width, height] : sizes) {
    const RgbImage image = generate_picture(width, height, 3);
    PreprocessConfig config;
    config.image_size = 24;
    const int new_width = width <= height ? 24 : 24 * width / height;
    const int new_height = width <= height ? 24 * height / width : 24;
    const RgbImage whole = resize(image, new_width, new_height, config.interpolation);
    const auto half_to_even = [](int x) { return x % 4 == 3 ? x / 2 + 1 : x / 2; };
    const RgbImage expected = crop(whole, half_to_even(new_width - 24), half_to_even(new_height - 24), 24);
    EXPECT_EQ(difference(resize_and_crop(image, config), expected), "") << width << " x " << height;
  }
}

// The resized picture would have 224 x 224,000,000 pixels.
TEST(Preprocess, ExtremeSidesCostNoMoreThanTheCrop) {
  PreprocessConfig config;
  for (const auto& [width, height] : {std::pair{1, 1'000'000}, std::pair{1'000'000, 1}}) {
    const RgbImage square = resize_and_crop(generate_picture(width, height, 4), config);
    EXPECT_EQ(square.width, 224);
    EXPECT_EQ(square.height, 224);
    config.resize_mode = ResizeMode::kSquash;
    EXPECT_EQ(resize_and_crop(generate_picture(width, height, 4), config).pixels.size(), 224U * 224 * 3);
    config.resize_mode = ResizeMode::kPad;
    // A row or a column of it is left.
    const RgbImage padded = resize_and_crop(generate_picture(width, height, 4), config);
    const auto is_black = [](std::uint8_t value) { return value == 0; };
    EXPECT_GE(std::ranges::count_if(padded.pixels, is_black), 224 * 223 * 3);
    EXPECT_FALSE(std::ranges::all_of(padded.pixels, is_black));
    config.resize_mode = ResizeMode::kShortest;
  }
}

TEST(Preprocess, OnePixelFillsTheSquare) {
  RgbImage image(1, 1);
  image.pixels = {10, 20, 30};
  PreprocessConfig config;
  config.image_size = 8;
  std::vector<float> pixel_values(config.num_pixel_values());
  preprocess(image, config, pixel_values);
  for (std::size_t c = 0; c < 3; ++c) {
    const float unit = static_cast<float>(10 * (c + 1)) / 255.0F;
    for (std::size_t i = 0; i < 64; ++i) {
      EXPECT_EQ(pixel_values[c * 64 + i], (unit - config.image_mean[c]) / config.image_std[c]);
    }
  }
}

TEST(Preprocess, BuffersAndSizesOutOfRangeAreErrors) {
  const RgbImage image = coordinates(3, 3);
  PreprocessConfig config;
  std::vector<float> short_buffer(config.num_pixel_values() - 1);
  EXPECT_THROW(preprocess(image, config, short_buffer), Error);
  EXPECT_THROW(resize(image, 0, 5, Interpolation::kBicubic), Error);
  EXPECT_THROW(resize(RgbImage(), 5, 5, Interpolation::kBicubic), Error);
  EXPECT_THROW(resize_and_crop(RgbImage(), config), Error);
  config.image_size = 0;
  EXPECT_THROW(resize_and_crop(image, config), Error);
}

TEST(Resize, TheSameSizeIsACopy) {
  const RgbImage image = generate_picture(17, 9, 0);
  EXPECT_EQ(difference(resize(image, 17, 9, Interpolation::kBicubic), image), "");
}

}  // namespace
}  // namespace clipcls
