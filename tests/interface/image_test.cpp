#include "clipcls/image.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <limits>
#include <numeric>
#include <vector>

#include "everyday.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

TEST(PublicImage, OfAFileIsThatOfItsBytes) {
  const Image read = Image::read(kShark);
  EXPECT_GT(read.width(), 0);
  EXPECT_EQ(read.rgb().size(),
            static_cast<std::size_t>(read.width()) * static_cast<std::size_t>(read.height()) * 3);
  std::ifstream file(kShark, std::ios::binary);
  const std::vector<char> text(std::istreambuf_iterator<char>(file), {});
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  const Image decoded = Image::decode(bytes);
  EXPECT_TRUE(std::ranges::equal(read.rgb(), decoded.rgb()));
}

// From here on: a program decides once.
TEST(PublicImage, IsTheSameOfADecodersProcess) {
  const Image here = Image::read(kShark);
  for (const char* other : {"/bin/true", "/nonexistent"})
    expect_error(ErrorKind::kInvalidArgument, other, [&] { use_decode_sandbox(other); });
  use_decode_sandbox(CLIPCLS_TEST_DECODER);
  std::vector<Image> kept;
  for (int i = 0; i < 20; ++i) kept.push_back(Image::read(kShark));
  for (const Image& image : kept) EXPECT_TRUE(std::ranges::equal(image.rgb(), here.rgb()));
}

TEST(PublicImage, TakesRowsThatLieApart) {
  std::array<std::uint8_t, 2 * 8> rows{};
  std::iota(rows.begin(), rows.end(), std::uint8_t{0});
  const Image image = Image::from_rgb(rows, 2, 2, 8);
  const std::array<std::uint8_t, 12> expected = {0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13};
  EXPECT_TRUE(std::ranges::equal(image.rgb(), expected));
  EXPECT_EQ(image.width(), 2);
  EXPECT_EQ(image.height(), 2);
}

TEST(PublicImage, PixelsThatDoNotFitAreRefused) {
  const std::array<std::uint8_t, 12> pixels{};
  expect_error(ErrorKind::kInvalidArgument, "0 x 2 pixels", [&] { Image::from_rgb(pixels, 0, 2); });
  expect_error(ErrorKind::kInvalidArgument, "has 12 bytes, too few for 3 rows of 6",
               [&] { Image::from_rgb(pixels, 2, 3); });
  expect_error(ErrorKind::kInvalidArgument, "`row_bytes` is 5", [&] { Image::from_rgb(pixels, 2, 2, 5); });
  expect_error(ErrorKind::kInvalidArgument, "bytes",
               [&] { Image::from_rgb(pixels, 2147483647, 2147483647); });
  // Whose product with the rows is 0 again.
  expect_error(ErrorKind::kInvalidArgument, "too few for 3 rows",
               [&] { Image::from_rgb(pixels, 2, 3, std::size_t{1} << 63U); });
}

TEST(PublicImage, ALimitIsANumber) {
  for (const double limit : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()})
    expect_error(ErrorKind::kInvalidArgument, "`max_megapixels`",
                 [&] { Image::read(kShark, {.max_megapixels = limit}); });
}

TEST(PublicImage, APageIsOneThatThereIs) {
  const TemporaryFolder folder;
  // Two frames of one pixel each: of the palette's first colour, and of its second.
  const std::string frame = std::string(",\0\0\0\0\1\0\1\0\0\2\2", 12);
  std::ofstream(folder.path() / "two.gif", std::ios::binary)
      << std::string("GIF89a\1\0\1\0\x80\0\0\1\2\3\4\5\6", 19) << frame << std::string("\x44\1\0", 3) << frame
      << std::string("\x4C\1\0;", 4);
  const auto red = [&](int page) { return Image::read(folder.path() / "two.gif", {.page = page}).rgb()[0]; };
  EXPECT_EQ(red(1), 1);
  EXPECT_EQ(red(2), 4);
  expect_error(ErrorKind::kNotFound, "has 2 pages, and `page` asks for the 3rd", [&] { red(3); });
  expect_error(ErrorKind::kInvalidArgument, "`page` is 0", [&] { red(0); });
}

TEST(PublicImage, DeepGreyAndCutFilesAreReadAsOneLikes) {
  using DeepGray = ImageOptions::DeepGray;
  const std::string text = "P5\n2 1\n1000\n" + std::string("\x00\xC8\x03\x20", 4);  // 200 and 800
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  const auto grays = [&](DeepGray how) {
    const Image image = Image::decode(bytes, {.deep_gray = how});
    return std::vector<int>{image.rgb()[0], image.rgb()[3]};
  };
  EXPECT_EQ(grays(DeepGray::kScale), (std::vector<int>{51, 204}));
  EXPECT_EQ(grays(DeepGray::kStretch), (std::vector<int>{0, 255}));
  EXPECT_EQ(grays(DeepGray::kClip), (std::vector<int>{255, 255}));
  const std::string cut = "P5\n1 2\n255\n\x40";
  const std::vector<std::uint8_t> cut_bytes(cut.begin(), cut.end());
  expect_error(ErrorKind::kBrokenImage, "ends", [&] { Image::decode(cut_bytes); });
  const Image image = Image::decode(cut_bytes, {.accepts_truncated = true});
  EXPECT_EQ((std::vector<int>{image.rgb()[0], image.rgb()[3]}), (std::vector<int>{0x40, 0}));
}

TEST(PublicImage, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  const std::string text = folder.write("text.jpg", "no picture");
  expect_error(ErrorKind::kNotAnImage, text, [&] { Image::read(text); });
  expect_error(ErrorKind::kNotFound, "nowhere.png: ", [&] { Image::read(folder.path() / "nowhere.png"); });
  expect_error(ErrorKind::kNotFound, "an empty name: no such file", [] { Image::read(""); });
  expect_error(ErrorKind::kTooLarge, kShark, [] { Image::read(kShark, {.max_megapixels = 1e-6}); });
}

TEST(PublicImage, MayBeEmpty) {
  const Image none;
  EXPECT_EQ(none.width(), 0);
  EXPECT_EQ(none.height(), 0);
  EXPECT_TRUE(none.rgb().empty());
}

}  // namespace
}  // namespace clipcls
