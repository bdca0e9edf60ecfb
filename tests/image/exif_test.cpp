#include "image/decode/exif.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "golden_data.h"

namespace clipcls {
namespace {

using Block = std::vector<std::uint8_t>;

// A little-endian TIFF structure with one directory of one entry.
Block one_entry(std::uint8_t tag_high, std::uint8_t type, std::uint8_t count, std::uint8_t value) {
  return {'I', 'I',   42, 0, 8, 0,     0, 0, 1, 0, 0x12, tag_high, type,
          0,   count, 0,  0, 0, value, 0, 0, 0, 0, 0,    0,        0};
}

TEST(Exif, ReadsBothByteOrdersWithAndWithoutPrefix) {
  EXPECT_EQ(read_exif_orientation(one_entry(1, 3, 1, 6)), 6);
  EXPECT_EQ(read_exif_orientation(one_entry(1, 4, 1, 8)), 8);
  Block prefixed = {'E', 'x', 'i', 'f', 0, 0};
  const Block block = one_entry(1, 3, 1, 6);
  prefixed.insert(prefixed.end(), block.begin(), block.end());
  EXPECT_EQ(read_exif_orientation(prefixed), 6);
  const Block big = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 5, 0, 0};
  EXPECT_EQ(read_exif_orientation(big), 5);
}

TEST(Exif, OtherTagsTypesCountsAndValuesMeanUpright) {
  EXPECT_EQ(read_exif_orientation(one_entry(2, 3, 1, 6)), 1);
  EXPECT_EQ(read_exif_orientation(one_entry(1, 5, 1, 6)), 1);
  EXPECT_EQ(read_exif_orientation(one_entry(1, 3, 2, 6)), 1);
  EXPECT_EQ(read_exif_orientation(one_entry(1, 3, 1, 0)), 1);
  EXPECT_EQ(read_exif_orientation(one_entry(1, 3, 1, 9)), 1);
}

TEST(Exif, HostileBlocksAreIgnored) {
  const Block good = one_entry(1, 3, 1, 6);
  for (std::size_t length = 0; length < good.size(); ++length) {
    // Each cut is its own allocation, so that a sanitizer sees a read behind it.
    const Block cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(read_exif_orientation(cut), length < 22 ? 1 : 6) << length;
  }
  Block many_entries = good;
  many_entries[8] = many_entries[9] = 0xFF;
  EXPECT_EQ(read_exif_orientation(many_entries), 6);
  for (const int offset : {0x00, 0x12, 0x18, 0x19, 0x1A, 0xFF}) {
    Block far = good;
    far[4] = static_cast<std::uint8_t>(offset);
    read_exif_orientation(far);
    far[7] = 0xFF;
    EXPECT_EQ(read_exif_orientation(far), 1);
  }
}

TEST(Exif, EveryByteChangedIsReadWithinBounds) {
  const Block good = one_entry(1, 3, 1, 6);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      Block changed = good;
      changed[at] = static_cast<std::uint8_t>(value);
      const int orientation = read_exif_orientation(changed);
      EXPECT_TRUE(orientation >= 1 && orientation <= 8);
    }
  }
}

TEST(Exif, XmpCountsWhereExifHasNone) {
  const auto bytes = [](std::string_view text) { return Block(text.begin(), text.end()); };
  EXPECT_EQ(read_xmp_orientation(bytes("<a tiff:Orientation=\"6\"/>")), 6);
  EXPECT_EQ(read_xmp_orientation(bytes("<tiff:Orientation>3</tiff:Orientation>")), 3);
  EXPECT_EQ(read_xmp_orientation(bytes("tiff:Orientation")), 1);
  EXPECT_EQ(read_xmp_orientation(bytes("tiff:Orientation=\"")), 1);
  EXPECT_EQ(read_xmp_orientation(bytes("tiff:Orientation>x tiff:Orientation>8")), 8);
  EXPECT_EQ(read_orientation(one_entry(1, 3, 1, 6), bytes("tiff:Orientation>3")), 6);
  EXPECT_EQ(read_orientation({}, bytes("tiff:Orientation>3")), 3);
}

// The corners of `image`: top left, top right, bottom left, bottom right.
std::array<int, 4> corners(const RgbImage& image) {
  const std::size_t right = static_cast<std::size_t>(image.width - 1) * 3;
  const std::size_t bottom =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height - 1) * 3;
  return {image.pixels[0], image.pixels[right], image.pixels[bottom], image.pixels[bottom + right]};
}

TEST(Exif, OrientationsMoveTheCornersAsTheyShould) {
  RgbImage image(3, 2);
  const std::array<std::uint8_t, 6> stored = {1, 9, 2, 3, 8, 4};  // 1 and 2 above, 3 and 4 below
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = stored[i / 3];
  for (const int upright : {0, 1, 9}) EXPECT_EQ(difference(apply_orientation(image, upright), image), "");
  const std::vector<std::array<int, 4>> expected = {{1, 2, 3, 4}, {2, 1, 4, 3}, {4, 3, 2, 1}, {3, 4, 1, 2},
                                                    {1, 3, 2, 4}, {3, 1, 4, 2}, {4, 2, 3, 1}, {2, 4, 1, 3}};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const RgbImage turned = apply_orientation(image, orientation);
    EXPECT_EQ(turned.width, orientation < 5 ? 3 : 2);
    EXPECT_EQ(turned.height, orientation < 5 ? 2 : 3);
    EXPECT_EQ(corners(turned), expected[static_cast<std::size_t>(orientation - 1)]) << orientation;
  }
}

}  // namespace
}  // namespace clipcls
