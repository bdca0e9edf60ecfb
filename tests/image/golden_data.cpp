#include "golden_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace clipcls {
namespace fs = std::filesystem;

fs::path committed_images() { return fs::path(CLIPCLS_TEST_DATA) / "images"; }

fs::path full_golden() {
  const char* folder = std::getenv("CLIPCLS_GOLDEN_DIR");
  const fs::path path = folder != nullptr ? fs::path(folder) / "image" : fs::path();
  return fs::exists(path / "stamp") ? path : fs::path();
}

std::vector<std::uint8_t> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

RgbImage read_ppm(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int width = 0;
  int height = 0;
  int levels = 0;
  file >> magic >> width >> height >> levels;
  file.get();
  RgbImage image(width, height);
  file.read(reinterpret_cast<char*>(image.pixels.data()), static_cast<std::streamsize>(image.pixels.size()));
  if (!file || magic != "P6" || levels != 255) throw std::runtime_error("not a PPM: " + path.string());
  return image;
}

RgbImage generate_picture(int width, int height, std::uint32_t seed) {
  RgbImage image(width, height);
  auto to = image.pixels.begin();
  for (std::uint32_t y = 0; y < static_cast<std::uint32_t>(height); ++y) {
    for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(width); ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        std::uint32_t h = (x * 0x9E3779B1U) ^ (y * 0x85EBCA77U) ^ ((c + seed * 3) * 0xC2B2AE3DU);
        h ^= h >> 15;
        h *= 0x2C1B3C6DU;
        h ^= h >> 12;
        h *= 0x297A2D39U;
        h ^= h >> 15;
        const std::uint32_t noise = h & 255;
        std::uint32_t value = noise;
        if (seed % 3 == 1) value = x * 2 + y * 3 + c * 85 + noise % 9;
        if (seed % 3 == 2) value = ((x / 7 + y / 5 + c) & 1) * 255;
        *to++ = static_cast<std::uint8_t>(value & 255);
      }
    }
  }
  return image;
}

std::string difference(const RgbImage& actual, const RgbImage& expected) {
  const auto size = [](const RgbImage& image) {
    return std::to_string(image.width) + " x " + std::to_string(image.height);
  };
  if (actual.width != expected.width || actual.height != expected.height) {
    return "is " + size(actual) + " and should be " + size(expected);
  }
  if (actual.pixels.size() != expected.pixels.size()) return "has another number of bytes";
  std::size_t count = 0;
  std::size_t first = 0;
  int largest = 0;
  for (std::size_t i = actual.pixels.size(); i-- > 0;) {
    if (actual.pixels[i] == expected.pixels[i]) continue;
    ++count;
    first = i;
    largest = std::max(largest, std::abs(int{actual.pixels[i]} - int{expected.pixels[i]}));
  }
  if (count == 0) return "";
  const auto width = static_cast<std::size_t>(actual.width);
  return std::to_string(count) + " of " + std::to_string(actual.pixels.size()) + " values differ by up to " +
         std::to_string(largest) + ", first x=" + std::to_string(first / 3 % width) +
         " y=" + std::to_string(first / 3 / width) + " channel " + std::to_string(first % 3) + ": " +
         std::to_string(actual.pixels[first]) + " should be " + std::to_string(expected.pixels[first]);
}

std::vector<fs::path> committed_pictures() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(committed_images() / "decode")) {
    const fs::path extension = entry.path().extension();
    if (extension != ".ppm" && extension != ".refused") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  EXPECT_GE(paths.size(), 50U);
  return paths;
}

std::string outcome(const std::vector<std::uint8_t>& bytes, const DecodeOptions& options) {
  try {
    const RgbImage image = decode_image(bytes, options);
    EXPECT_EQ(image.pixels.size(),
              static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
    return "ok";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return std::string(error_kind_name(error.kind()));
  }
}

}  // namespace clipcls
