// HEIC and JPEG XL, which Pillow alone does not read, deep AVIF, and JPEG 2000 with thinned colours: the
// pixels of the library's own tool, and, of HEIC, those of Python's.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "golden_data.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

struct Differences {
  double mean = 0;
  int largest = 0;
};

Differences differences(const RgbImage& actual, const RgbImage& expected) {
  EXPECT_EQ(actual.width, expected.width);
  EXPECT_EQ(actual.height, expected.height);
  Differences result;
  if (actual.pixels.size() != expected.pixels.size()) return result;
  for (std::size_t i = 0; i < actual.pixels.size(); ++i) {
    const int difference = std::abs(int{actual.pixels[i]} - int{expected.pixels[i]});
    result.mean += difference / static_cast<double>(actual.pixels.size());
    result.largest = std::max(result.largest, difference);
  }
  return result;
}

std::string version_here(std::string_view library) {
  for (const PictureFormat& format : picture_formats()) {
    if (format.library == library) return format.version;
  }
  return "";
}

/// Whether the library here is the one whose tool wrote the references in `folder`.
bool is_same_library(const fs::path& folder, const std::string& library) {
  std::ifstream file(folder / "libraries");
  for (std::string name, version; file >> name >> version;) {
    if (name == library) return version == version_here(library);
  }
  ADD_FAILURE() << library << " is not in " << folder / "libraries";
  return false;
}

std::string library_of(const fs::path& picture) {
  if (picture.extension() == ".heic") return "libheif";
  if (picture.extension() == ".avif") return "libavif";
  return picture.extension() == ".jxl" ? "libjxl" : "openjpeg";
}

int check_coded(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& picture = entry.path();
    if (picture.extension() == ".ppm" || picture.filename() == "libraries") continue;
    SCOPED_TRACE(picture.string());
    ++num_checked;
    const RgbImage image = decode_image(read_file(picture));
    const std::string library = library_of(picture);
    const fs::path by_tool = picture.string() + ".tool.ppm";
    if (fs::exists(by_tool)) {
      if (library == "openjpeg") {
        // openjpeg's tool rounds its colours down; here they are made as Pillow makes them.
        EXPECT_LE(differences(image, read_ppm(by_tool)).largest, 2);
      } else if (is_same_library(folder, library)) {
        EXPECT_EQ(difference(image, read_ppm(by_tool)), "");
      } else {
        EXPECT_LE(differences(image, read_ppm(by_tool)).largest, 3);
      }
    }
    const fs::path by_python = picture.string() + ".python.ppm";
    if (fs::exists(by_python)) {
      // libheif 1.15 and 1.23 differ by one level in one value of thirty where colours are thinned and of the
      // full range, and nowhere else. Where there are more than 8 bits, versions round at other places:
      // before colours are made of them, or after.
      const bool is_deep = picture.filename().string().find("bit") != std::string::npos;
      const Differences found = differences(image, read_ppm(by_python));
      EXPECT_LE(found.largest, is_deep ? 3 : 1);
      EXPECT_LE(found.mean, is_deep ? 0.75 : 0.05);
    }
  }
  return num_checked;
}

TEST(DecodeCoded, CommittedPictures) { EXPECT_GE(check_coded(committed_images() / "coded"), 16); }

TEST(DecodeCoded, AllPictures) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_coded(golden / "coded"), 31);
}

// Every seventh length: these decoders are slower than the others.
TEST(DecodeCoded, CutAtManyLengths) {
  for (const auto& entry : fs::directory_iterator(committed_images() / "coded")) {
    const fs::path& path = entry.path();
    if (path.extension() == ".ppm" || path.filename() == "libraries") continue;
    SCOPED_TRACE(path.filename().string());
    const std::vector<std::uint8_t> whole = read_file(path);
    const RgbImage picture = decode_image(whole);
    for (std::size_t length = 0; length < whole.size(); length += 7) {
      const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string result = outcome(cut);
      if (result == "ok") {
        EXPECT_EQ(difference(decode_image(cut), picture), "") << "of " << whole.size() << " bytes " << length;
      } else {
        EXPECT_TRUE(result == "broken_image" || result == "not_an_image") << result << " at " << length;
      }
    }
  }
}

// The file's own turns are no EXIF: pillow_heif and djxl apply them, too.
TEST(DecodeCoded, TheTurnsOfHeicAndJpegXlAlwaysCount) {
  for (const std::string name : {"turned_5.heic", "turned_6.jxl"}) {
    const auto bytes = read_file(committed_images() / "coded" / name);
    EXPECT_EQ(difference(decode_image(bytes, {.apply_exif_rotation = false}), decode_image(bytes)), "")
        << name;
  }
}

TEST(DecodeCoded, AlphaGoesOnTheBackground) {
  for (const std::string name : {"rgba.heic", "rgba.jxl"}) {
    const auto bytes = read_file(committed_images() / "coded" / name);
    EXPECT_NE(difference(decode_image(bytes, {.background = {{0, 0, 0}}}), decode_image(bytes)), "") << name;
  }
}

}  // namespace
}  // namespace clipcls
