// Damaged files: an Error or a picture, whatever the bytes are; best run under the sanitizers.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "golden_data.h"

namespace clipcls {
namespace {

// A cut file is an error, or, where what is missing carries no pixels, the whole picture. (Damaged data
// without the checksum that tells is a picture, to Pillow too.)
TEST(DecodeBroken, EveryFormatCutAtEveryLength) {
  for (const auto& path : committed_pictures()) {
    SCOPED_TRACE(path.filename().string());
    // The last number of a plain PNM can lose a digit and stay a number.
    const bool plain_pnm = path.filename().string().starts_with("plain");
    const std::vector<std::uint8_t> whole = read_file(path);
    RgbImage picture;
    const bool is_whole = outcome(whole) == "ok";
    if (is_whole) picture = decode_image(whole);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string result = outcome(cut);
      if (result == "ok" && is_whole && !plain_pnm) {
        EXPECT_EQ(difference(decode_image(cut), picture), "") << "of " << whole.size() << " bytes " << length;
      } else if (result != "ok") {
        EXPECT_TRUE(result == "broken_image" || result == "not_an_image") << result << " at " << length;
      }
    }
  }
}

TEST(DecodeBroken, FilesHalfAsLongAreErrors) {
  for (const auto& path : committed_pictures()) {
    std::vector<std::uint8_t> bytes = read_file(path);
    if (path.filename() == "animation.gif") continue;  // its first half is its first frame and more
    bytes.resize(bytes.size() / 2);
    EXPECT_EQ(outcome(bytes), "broken_image") << path;
  }
}

TEST(DecodeBroken, RandomBytesChanged) {
  std::mt19937 random(1);
  const DecodeOptions options = {.max_megapixels = 4};
  for (const auto& path : committed_pictures()) {
    SCOPED_TRACE(path.filename().string());
    const std::vector<std::uint8_t> whole = read_file(path);
    for (int trial = 0; trial < 60; ++trial) {
      std::vector<std::uint8_t> changed = whole;
      // Half of the changes hit the first bytes, where the headers are.
      const std::size_t reach = trial % 2 == 0 ? std::min<std::size_t>(changed.size(), 64) : changed.size();
      for (int change = 0; change < 1 + trial % 4; ++change) {
        changed[random() % reach] = static_cast<std::uint8_t>(random());
      }
      outcome(changed, options);
    }
  }
}

TEST(DecodeBroken, APngWhosePixelsDoNotFitTheirChecksum) {
  std::vector<std::uint8_t> bytes = read_file(committed_images() / "decode" / "rgb.png");
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_EQ(outcome(bytes), "broken_image");
}

// stb_image alone reads zeros behind the end of the file, and a run of no length for ever. (Found by
// fuzz_decode_image.)
TEST(DecodeBroken, AnHdrWhoseRunsHaveNoLength) {
  const std::string header = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 10\n";
  const std::string row("\2\2\0\x0A", 4);
  const std::string run = "\x8A\x40";
  const auto bytes = [](const std::string& text) {
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  EXPECT_EQ(outcome(bytes(header + row + run + run + run + run)), "ok");
  EXPECT_EQ(outcome(bytes(header + row + run + run + run)), "broken_image");
  EXPECT_EQ(outcome(bytes(header + row + run + std::string(50, '\0'))), "broken_image");
}

}  // namespace
}  // namespace clipcls
