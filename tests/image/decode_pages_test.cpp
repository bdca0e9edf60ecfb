// Files of several pictures: each page equals what Pillow has behind seek().
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <string>
#include <utility>

#include "golden_data.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

constexpr std::array<std::uint8_t, 3> kBehind = {200, 30, 90};  // of scripts/golden/make_image_golden.py

DecodeOptions page_as_pillow(int page) {
  DecodeOptions options;
  options.deep_gray = DeepGray::kClip;
  options.page = page;
  return options;
}

fs::path page_file(const fs::path& file, int page, const std::string& ending) {
  return file.string() + "." + std::to_string(page) + ending;
}

/// The message of a page that is not there; empty: it is.
std::string message_of_page(const std::vector<std::uint8_t>& bytes, int page) {
  try {
    decode_image(bytes, page_as_pillow(page));
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound) << error.what();
    return error.what();
  }
}

int check_pages(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& file = entry.path();
    if (!fs::exists(page_file(file, 1, ".ppm"))) continue;
    const auto bytes = read_file(file);
    int page = 1;
    for (; fs::exists(page_file(file, page, ".ppm")); ++page, ++num_checked) {
      SCOPED_TRACE(file.string() + ", page " + std::to_string(page));
      DecodeOptions options = page_as_pillow(page);
      try {
        EXPECT_EQ(difference(decode_image(bytes, options), read_ppm(page_file(file, page, ".ppm"))), "");
        const fs::path background = page_file(file, page, ".background.ppm");
        if (!fs::exists(background)) continue;
        options.background = kBehind;
        EXPECT_EQ(difference(decode_image(bytes, options), read_ppm(background)), "");
      } catch (const Error& error) {
        ADD_FAILURE() << error.what();
      }
    }
    int num_pages = 0;
    if (!(std::ifstream(file.string() + ".pages") >> num_pages)) continue;  // Pillow does not say
    EXPECT_EQ(num_pages, page - 1);
    const std::string has = " has " + std::to_string(num_pages) + (num_pages == 1 ? " page," : " pages,");
    for (const int behind : {num_pages + 1, 999999})
      EXPECT_NE(message_of_page(bytes, behind).find(has), std::string::npos) << file;
  }
  return num_checked;
}

TEST(DecodePages, CommittedPages) { EXPECT_GE(check_pages(committed_images() / "pages"), 40); }

TEST(DecodePages, AllPages) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_pages(golden / "pages"), 250);
}

TEST(DecodePages, SayHowManyThereAre) {
  const auto gif = read_file(committed_images() / "pages" / "random_3.gif");
  const auto bmp = read_file(committed_images() / "decode" / "rgb.bmp");
  EXPECT_EQ(message_of_page(bmp, 1), "");
  EXPECT_EQ(message_of_page(bmp, 2), "the BMP picture has 1 page, and `page` asks for the 2nd");
  for (const auto& [page, word] : std::vector<std::pair<int, std::string>>{
           {13, "13th"}, {21, "21st"}, {33, "33rd"}, {112, "112th"}, {1000000, "1000000th"}})
    EXPECT_NE(message_of_page(gif, page).find(" pages, and `page` asks for the " + word), std::string::npos);
}

// Cut anywhere, a later page is there, or is refused for a reason that callers know.
TEST(DecodePages, CutAnywhere) {
  int num_refused = 0;
  for (const auto& entry : fs::directory_iterator(committed_images() / "pages")) {
    if (!fs::exists(page_file(entry.path(), 2, ".ppm"))) continue;
    SCOPED_TRACE(entry.path().string());
    const auto bytes = read_file(entry.path());
    constexpr std::size_t kNumCuts = 40;
    for (std::size_t i = 1; i < kNumCuts; ++i) {
      DecodeOptions options = page_as_pillow(2);
      options.accepts_truncated = i % 2 == 0;
      const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() * i / kNumCuts);
      const std::string result = outcome({bytes.begin(), end}, options);
      num_refused += result == "ok" ? 0 : 1;
      EXPECT_TRUE(result == "ok" || result == "broken_image" || result == "not_found" ||
                  result == "not_an_image" || result == "unsupported_format")
          << result;
    }
  }
  EXPECT_GE(num_refused, 200);
}

// Frames of 2,000 x 2,000 pixels of one colour, in some hundred bytes each.
TEST(DecodePages, BoundTheWorkOfALatePage) {
  std::vector<std::uint8_t> gif = {'G',  'I', 'F', '8', '9', 'a', 0xD0, 0x07, 0xD0, 0x07,
                                   0x80, 0,   0,   0,   0,   0,   9,    9,    9};
  // All one index: each code stands for a string that is one longer than that before it.
  std::vector<std::uint8_t> packed;
  std::uint64_t bits = 0;
  unsigned num_bits = 0;
  const auto put = [&](unsigned code, unsigned width) {
    bits |= std::uint64_t{code} << num_bits;
    for (num_bits += width; num_bits >= 8; num_bits -= 8, bits >>= 8)
      packed.push_back(static_cast<std::uint8_t>(bits & 255));
  };
  constexpr unsigned kClear = 4;
  for (std::size_t num_pixels = 0; num_pixels < 4'000'000;) {
    put(kClear, num_pixels == 0 ? 3 : 12);
    put(0, 3);
    ++num_pixels;
    unsigned width = 3;
    for (unsigned code = kClear + 2; code < 4096; ++code) {
      put(code, width);
      num_pixels += code - kClear;
      if (code == (1U << width) - 1 && width < 12) ++width;
    }
  }
  packed.insert(packed.end(), 4, 0);
  constexpr int kNumFrames = 8;
  for (int i = 0; i < kNumFrames; ++i) {
    gif.insert(gif.end(), {',', 0, 0, 0, 0, 0xD0, 0x07, 0xD0, 0x07, 0, 2});
    for (std::size_t at = 0; at < packed.size(); at += 255) {
      const std::size_t size = std::min<std::size_t>(255, packed.size() - at);
      gif.push_back(static_cast<std::uint8_t>(size));
      gif.insert(gif.end(), packed.begin() + static_cast<std::ptrdiff_t>(at),
                 packed.begin() + static_cast<std::ptrdiff_t>(at + size));
    }
    gif.push_back(0);
  }
  DecodeOptions options = page_as_pillow(3);
  options.max_megapixels = 4;  // four times that are four frames
  EXPECT_EQ(decode_image(gif, options).width, 2000);
  options.page = 5;
  try {
    decode_image(gif, options);
    ADD_FAILURE() << "it decoded all that";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
    EXPECT_NE(std::string(error.what()).find("`max_megapixels`"), std::string::npos) << error.what();
  }
}

// A canvas that every frame enlarges by a row is made anew as often: 400 rows of 2000 pixels, 200 on average.
TEST(DecodePages, CountTheCanvasThatGrows) {
  std::vector<std::uint8_t> gif = {'G',  'I', 'F', '8', '9', 'a', 0xD0, 0x07, 1,  0,
                                   0x80, 0,   0,   0,   0,   0,   255,  255,  255};
  constexpr int kNumFrames = 400;
  for (int row = 0; row < kNumFrames; ++row) {
    const auto low = static_cast<std::uint8_t>(row & 255);
    const auto high = static_cast<std::uint8_t>(row >> 8);
    gif.insert(gif.end(), {',', 0, 0, low, high, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0});
  }
  DecodeOptions options = page_as_pillow(kNumFrames);
  options.max_megapixels = 50;  // four times that are more than 160
  EXPECT_EQ(decode_image(gif, options).height, kNumFrames);
  options.max_megapixels = 30;
  try {
    decode_image(gif, options);
    ADD_FAILURE() << "it decoded all that";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kTooLarge) << error.what();
  }
}

// A file that consists of directories: libtiff takes minutes to number them.
TEST(DecodePages, WalkManyDirectoriesOnce) {
  std::vector<std::uint8_t> tiff = {'I', 'I', '*', 0, 8, 0, 0, 0};
  const auto add = [&](std::uint32_t value, unsigned num_bytes) {
    for (unsigned i = 0; i < num_bytes; ++i) tiff.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  };
  // A page of one pixel, and behind it directories without entries.
  constexpr std::array<std::array<std::uint32_t, 2>, 5> kTags = {
      {{256, 1}, {257, 1}, {262, 1}, {273, 8}, {279, 1}}};  // width, height, black is 0, strip, its size
  add(kTags.size(), 2);
  for (const auto& [tag, value] : kTags) {
    add(tag, 2);
    add(4, 2);  // 32 bits
    add(1, 4);
    add(value, 4);
  }
  constexpr std::uint32_t kNumDirectories = 1'000'000;
  for (std::uint32_t i = 1; i < kNumDirectories; ++i) {
    add(static_cast<std::uint32_t>(tiff.size()) + 4, 4);  // the next one is here
    add(0, 2);
  }
  add(0, 4);
  EXPECT_EQ(outcome(tiff), "ok");
  EXPECT_EQ(outcome(tiff, page_as_pillow(kNumDirectories)), "broken_image");
  EXPECT_EQ(outcome(tiff, page_as_pillow(kNumDirectories + 1)), "not_found");
}

}  // namespace
}  // namespace clipcls
