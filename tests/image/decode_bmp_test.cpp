// Bitmaps, icons and cursors that Pillow does not read, or that are no such files. (The golden files have
// what both read.)
#include <gtest/gtest.h>

#include <initializer_list>

#include "golden_data.h"
#include "image/decode/decoders.h"

namespace clipcls {
namespace {

using BmpBytes = std::vector<std::uint8_t>;

void add_number(BmpBytes& bytes, std::uint32_t value, int size = 4) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

struct HandMadeBmp {
  std::uint32_t header_size = 40;
  unsigned width = 1;
  unsigned bits = 16;
  unsigned compression = 3;
};

/// A file of one row; `rest` follows the header: masks or a palette, then pixels.
BmpBytes file_of(const HandMadeBmp& bmp, const BmpBytes& rest) {
  BmpBytes bytes = {'B', 'M'};
  for (int i = 0; i < 3; ++i) add_number(bytes, 0);  // the pixels come where they should
  add_number(bytes, bmp.header_size);
  add_number(bytes, bmp.width);
  add_number(bytes, 1);
  add_number(bytes, 1, 2);
  add_number(bytes, bmp.bits, 2);
  if (bmp.header_size > 16) add_number(bytes, bmp.compression);
  bytes.resize(14 + bmp.header_size);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  return bytes;
}

BmpBytes numbers(std::initializer_list<std::uint32_t> values) {
  BmpBytes bytes;
  for (const std::uint32_t value : values) add_number(bytes, value);
  return bytes;
}

TEST(DecodeBmp, MasksOfAnyWidthScaleToWholeBytes) {
  // Four bits each: 15, 8 and 1. Then 11, 11 and 10 bits.
  const BmpBytes narrow = file_of({}, numbers({0xF00, 0xF0, 0xF, 0x0F81}));
  EXPECT_EQ(decode_image(narrow).pixels, (BmpBytes{255, 136, 17}));
  const BmpBytes wide =
      file_of({.bits = 32}, numbers({0xFFE00000, 0x1FFC00, 0x3FF, 0xFFE00000U | 1024U << 10 | 512}));
  EXPECT_EQ(decode_image(wide).pixels, (BmpBytes{255, 127, 127}));
  EXPECT_EQ(outcome(file_of({}, numbers({0, 0, 0, 1}))), "broken_image");
}

TEST(DecodeBmp, AlphaBitFieldsBehindTheHeader) {
  const BmpBytes bmp =
      file_of({.bits = 32, .compression = 6}, numbers({0xFF0000, 0xFF00, 0xFF, 0xFF000000, 0x00102030}));
  EXPECT_EQ(decode_image(bmp).pixels, (BmpBytes{0x10, 0x20, 0x30}));
  EXPECT_EQ(decode_image(bmp, {.background = {{1, 2, 3}}}).pixels, (BmpBytes{1, 2, 3}));
}

TEST(DecodeBmp, TwoBitsAndTheShortHeaderOfOs2) {
  const BmpBytes bmp = file_of({.header_size = 16, .width = 4, .bits = 2},
                               numbers({0x000001, 0x000002, 0x000003, 0x000004, 0b00011011}));
  EXPECT_EQ(decode_image(bmp).pixels, (BmpBytes{0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0, 4}));
}

TEST(DecodeBmp, KindsThatAreNotReadSaySo) {
  for (const HandMadeBmp& bmp :
       {HandMadeBmp{.bits = 0, .compression = 5}, HandMadeBmp{.bits = 5, .compression = 0},
        HandMadeBmp{.bits = 24, .compression = 1}, HandMadeBmp{.bits = 8, .compression = 3}})
    EXPECT_EQ(outcome(file_of(bmp, BmpBytes(4096))), "unsupported_format")
        << bmp.bits << " " << bmp.compression;
}

TEST(DecodeBmp, RunsWithoutEndAndSizesThatLieAreNoHarm) {
  BmpBytes runs(1024);
  for (int i = 0; i < 2000; ++i) runs.insert(runs.end(), {0, 0});  // rows that are empty add nothing
  EXPECT_EQ(outcome(file_of({.width = 100, .bits = 8, .compression = 1}, runs)), "broken_image");
  EXPECT_EQ(outcome(file_of({.width = 0x7FFFFFFF, .bits = 8, .compression = 1}, runs)), "too_large");
  EXPECT_EQ(outcome(file_of({.width = 0, .bits = 8, .compression = 1}, runs)), "broken_image");
}

BmpBytes icon_of(std::uint8_t kind, const BmpBytes& content) {
  BmpBytes bytes = {0, 0, kind, 0, 1, 0, 1, 1, 0, 0, 1, 0, 32, 0};
  add_number(bytes, static_cast<std::uint32_t>(content.size()));
  add_number(bytes, 22);
  bytes.insert(bytes.end(), content.begin(), content.end());
  return bytes;
}

TEST(DecodeIcon, APngInAnIconOrACursorIsNotTurned) {
  const BmpBytes png = read_file(committed_images() / "decode" / "exif_6.png");
  const RgbImage stored = decode_image(png, {.apply_exif_rotation = false});
  EXPECT_EQ(difference(decode_image(icon_of(1, png)), stored), "");
  EXPECT_EQ(difference(decode_image(icon_of(2, png)), stored), "");
}

TEST(DecodeIcon, TablesThatLieAreErrors) {
  EXPECT_EQ(outcome(icon_of(1, {})), "broken_image");
  EXPECT_EQ(outcome(icon_of(2, {})), "broken_image");
  BmpBytes far = icon_of(1, BmpBytes(100));
  far[21] = 0xFF;
  EXPECT_EQ(outcome(far), "broken_image");
  BmpBytes many = icon_of(1, BmpBytes(100));
  many[4] = 200;
  many[19] = 0x10;
  EXPECT_EQ(outcome(many), "broken_image");
}

TEST(DecodeIcon, OtherFilesThatBeginAlikeAreNoIcons) {
  const auto padded = [](std::string_view begin) {
    BmpBytes bytes(begin.begin(), begin.end());
    bytes.resize(200);
    return bytes;
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(outcome(padded("\0\0\1\0ftypisom"sv)), "unsupported_format");
  EXPECT_EQ(outcome(padded("\0\0\1\0\1\0\1\1\0\0\1\0\1\0\1\0\0\0\1\0\0\0"sv)), "not_an_image");
  EXPECT_EQ(outcome(padded("(\0\0\0\1\0\0\0\1\0\0\0\2\0"sv)), "not_an_image");
}

}  // namespace
}  // namespace clipcls
