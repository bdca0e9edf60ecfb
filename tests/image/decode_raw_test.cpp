// What raw files that are made by hand are: raw or not, with a preview or without. (The golden files have
// what cameras write.)
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>

#include "golden_data.h"
#include "image/decode/decoders.h"
#include "image/decode/raw_directories.h"

namespace clipcls {
namespace {

using FileBytes = std::vector<std::uint8_t>;

struct Entry {
  unsigned tag;
  unsigned type;  // 1 bytes, 3 short, 4 long
  unsigned count;
  std::uint32_t value;
};

void add(FileBytes& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void add_directory(FileBytes& bytes, std::initializer_list<Entry> entries, std::uint32_t next = 0) {
  add(bytes, static_cast<std::uint32_t>(entries.size()), 2);
  for (const Entry& entry : entries) {
    add(bytes, entry.tag, 2);
    add(bytes, entry.type, 2);
    add(bytes, entry.count, 4);
    add(bytes, entry.value, 4);
  }
  add(bytes, next, 4);
}

FileBytes begin_tiff() { return {'I', 'I', '*', 0, 8, 0, 0, 0}; }

constexpr Entry kDngVersion = {0xC612, 1, 4, 0x0401};
constexpr Entry kSensorValues = {262, 3, 1, 32803};
constexpr Entry kSmallPicture = {254, 4, 1, 1};

std::string message_of(const FileBytes& bytes) {
  try {
    decode_image(bytes);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(DecodeRaw, WithoutAPreviewItIsAnUnsupportedFormat) {
  FileBytes bytes = begin_tiff();
  add_directory(bytes, {kDngVersion});
  EXPECT_EQ(outcome(bytes), "unsupported_format");
  EXPECT_EQ(
      message_of(bytes),
      "this is a camera raw file without a JPEG preview, and its sensor's values are not developed here");
}

TEST(DecodeRaw, ALosslessJpegHasTheSensorsValues) {
  FileBytes bytes = begin_tiff();
  add_directory(bytes, {kDngVersion, {513, 4, 1, 50}, {514, 4, 1, 8}});
  ASSERT_EQ(bytes.size(), 50U);
  FileBytes lossless = bytes;
  lossless.insert(lossless.end(), {0xFF, 0xD8, 0xFF, 0xC3, 0, 14, 8, 0});
  EXPECT_EQ(outcome(lossless), "unsupported_format");
  FileBytes deep = bytes;
  deep.insert(deep.end(), {0xFF, 0xD8, 0xFF, 0xC1, 0, 14, 12, 0});
  EXPECT_EQ(outcome(deep), "unsupported_format");
  FileBytes no_jpeg = bytes;
  no_jpeg.insert(no_jpeg.end(), {'n', 'o', ' ', 'J', 'P', 'E', 'G', '!'});
  EXPECT_EQ(outcome(no_jpeg), "unsupported_format");
  FileBytes cut = bytes;
  cut.insert(cut.end(), {0xFF, 0xD8, 0xFF});
  EXPECT_EQ(outcome(cut), "broken_image");
}

TEST(DecodeRaw, WhatTellsARawFile) {
  const auto is_raw = [](std::initializer_list<Entry> entries) {
    FileBytes bytes = begin_tiff();
    add_directory(bytes, entries);
    return is_raw_photo(bytes);
  };
  constexpr Entry kMake = {271, 2, 4, 0x004B4353};
  constexpr Entry kSubDirectory = {330, 4, 1, 8};
  EXPECT_TRUE(is_raw({kDngVersion}));
  EXPECT_TRUE(is_raw({kSensorValues}));
  EXPECT_TRUE(is_raw({{262, 3, 1, 34892}}));
  EXPECT_TRUE(is_raw({kSmallPicture, kMake, kSubDirectory}));
  // Ordinary TIFFs have one or the other.
  EXPECT_FALSE(is_raw({{254, 4, 1, 0}, kMake, kSubDirectory}));
  EXPECT_FALSE(is_raw({kSmallPicture, kSubDirectory}));
  EXPECT_FALSE(is_raw({kSmallPicture, kMake}));
  EXPECT_FALSE(is_raw({{262, 3, 1, 2}, {513, 4, 1, 8}, {514, 4, 1, 8}}));
  EXPECT_FALSE(is_raw({}));
}

TEST(DecodeRaw, SensorValuesFarDownTell) {
  FileBytes bytes = begin_tiff();
  add_directory(bytes, {{330, 4, 1, 26}});
  ASSERT_EQ(bytes.size(), 26U);
  add_directory(bytes, {{330, 4, 1, 44}});
  add_directory(bytes, {kSensorValues});
  EXPECT_TRUE(is_raw_photo(bytes));
}

TEST(DecodeRaw, DirectoriesInACircleEnd) {
  FileBytes itself = begin_tiff();
  add_directory(itself, {kDngVersion, {330, 4, 1, 8}}, 8);
  EXPECT_EQ(outcome(itself), "unsupported_format");
  FileBytes two = begin_tiff();
  add_directory(two, {kDngVersion, {330, 4, 1, 38}}, 38);
  ASSERT_EQ(two.size(), 38U);
  add_directory(two, {{330, 4, 1, 8}}, 8);
  EXPECT_EQ(outcome(two), "unsupported_format");
}

TEST(DecodeRaw, AChainWithoutEndIsReadToALimit) {
  FileBytes bytes = begin_tiff();
  for (std::uint32_t i = 0; i < 3000; ++i) add_directory(bytes, {kDngVersion}, 8 + (i + 1) * 18);
  EXPECT_EQ(outcome(bytes), "unsupported_format");
}

TEST(DecodeRaw, CountsAndOffsetsThatLieAreNoHarm) {
  constexpr std::uint32_t kFar = 0xFFFFFFFF;
  const auto result = [](std::initializer_list<Entry> entries, std::uint32_t next = 0) {
    FileBytes bytes = begin_tiff();
    add_directory(bytes, entries, next);
    return outcome(bytes);
  };
  EXPECT_EQ(result({kDngVersion}, kFar), "broken_image");
  EXPECT_EQ(result({kDngVersion, {330, 4, kFar, kFar}}), "broken_image");
  EXPECT_EQ(result({kDngVersion, {330, 4, 1, kFar}}), "broken_image");
  EXPECT_EQ(result({kDngVersion, {513, 4, 1, kFar}, {514, 4, 1, kFar}}), "broken_image");
  EXPECT_EQ(result({kDngVersion, {0x927C, 7, kFar, kFar}}), "broken_image");
  EXPECT_EQ(result({kDngVersion, {513, 99, kFar, kFar}, {514, 0, kFar, kFar}}), "unsupported_format");
  FileBytes many = begin_tiff();
  add(many, 0xFFFF, 2);
  EXPECT_FALSE(is_raw_photo(many));
}

TEST(DecodeRaw, TheOrientationCountsUnlessItIsNotWanted) {
  const FileBytes bytes = read_file(committed_images() / "decode" / "raw.dng");
  const RgbImage upright = decode_image(bytes);
  const RgbImage stored = decode_image(bytes, {.apply_exif_rotation = false});
  EXPECT_EQ(upright.width, stored.height);
  EXPECT_EQ(upright.height, stored.width);
}

TEST(DecodeRaw, TheLimitOfPixelsIsThePreviews) {
  const FileBytes bytes = read_file(committed_images() / "decode" / "raw.nef");
  EXPECT_EQ(outcome(bytes, {.max_megapixels = 0.001}), "too_large");
}

}  // namespace
}  // namespace clipcls
