// Resizing and preprocessing equal Pillow's, torchvision's and open_clip's, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "golden_data.h"
#include "image/preprocess.h"
#include "image/resize.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

// Checks every line of resize.txt in `folder` and returns how many there were.
int check_resized_folder(const fs::path& folder) {
  std::ifstream list(folder / "resize.txt");
  std::string kind, filter, expected;
  int width = 0, height = 0, new_width = 0, new_height = 0;
  std::uint32_t seed = 0;
  int num_checked = 0;
  RgbImage image;
  std::string image_key;
  while (list >> kind >> width >> height >> seed >> new_width >> new_height >> filter >> expected) {
    SCOPED_TRACE(kind + " " + std::to_string(width) + " x " + std::to_string(height) + " to " +
                 std::to_string(new_width) + " x " + std::to_string(new_height) + " " + filter + ", " +
                 expected);
    const std::string key = std::to_string(width) + "x" + std::to_string(height) + "/" + std::to_string(seed);
    if (key != image_key) image = generate_picture(width, height, seed);
    image_key = key;
    PreprocessConfig config;
    config.image_size = new_width;
    config.interpolation = filter == "bicubic" ? Interpolation::kBicubic : Interpolation::kBilinear;
    config.resize_mode = kind == "squash" ? ResizeMode::kSquash
                         : kind == "pad"  ? ResizeMode::kPad
                                          : ResizeMode::kShortest;
    const RgbImage actual = kind == "resize" ? resize(image, new_width, new_height, config.interpolation)
                                             : resize_and_crop(image, config);
    EXPECT_EQ(difference(actual, read_ppm(folder / expected)), "");
    ++num_checked;
  }
  return num_checked;
}

TEST(ResizeGolden, CommittedCases) { EXPECT_GE(check_resized_folder(committed_images()), 70); }

TEST(ResizeGolden, AllCases) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_resized_folder(golden), 600);
}

// All 256 bytes in each channel: ToTensor and Normalize have no other inputs, so this is the whole function.
TEST(PreprocessGolden, PixelValuesAreTorchvisionsToTheLastBit) {
  RgbImage image(16, 16);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i / 3);
  PreprocessConfig config;
  config.image_size = 16;
  std::vector<float> actual(config.num_pixel_values());
  preprocess(image, config, actual);

  const std::vector<std::uint8_t> bytes = read_file(committed_images() / "pixel_values.f32");
  std::vector<float> expected(actual.size());
  ASSERT_EQ(bytes.size(), expected.size() * sizeof(float));
  std::memcpy(expected.data(), bytes.data(), bytes.size());
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace clipcls
