#include "image/thumbnail.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "image/decode_image.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

RgbImage filled(int width, int height) {
  RgbImage image(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) image.pixels[i] = 200;  // red
  return image;
}

TEST(Thumbnail, KeepsProportionsAndColour) {
  const RgbImage small = decode_image(make_thumbnail(filled(640, 480), 160));
  EXPECT_EQ(small.width, 160);
  EXPECT_EQ(small.height, 120);
  EXPECT_LT(std::abs(small.pixels[0] - 200), 8);
  EXPECT_LT(small.pixels[1], 8);
}

TEST(Thumbnail, AStripKeepsAPixel) {
  const RgbImage strip = decode_image(make_thumbnail(filled(1, 2000), 160));
  EXPECT_EQ(strip.width, 1);
  EXPECT_EQ(strip.height, 160);
}

TEST(Thumbnail, ASmallPictureIsNotEnlarged) {
  const RgbImage small = decode_image(make_thumbnail(filled(20, 10), 160));
  EXPECT_EQ(small.width, 20);
  EXPECT_EQ(small.height, 10);
}

TEST(Thumbnail, RefusesNoPixels) {
  expect_error(ErrorKind::kOutput, "cannot be encoded", [] { make_thumbnail(RgbImage(), 160); });
}

}  // namespace
}  // namespace clipcls
