// QOI, by the specification of Dominic Szablewski, version 1.0: https://qoiformat.org/qoi-specification.pdf
#include <algorithm>
#include <array>

#include "decoders.h"

namespace clipcls {
namespace {

constexpr std::string_view kQoi = "QOI";
constexpr std::size_t kQoiHeaderBytes = 14;
constexpr unsigned kQoiRgb = 0xFE;
constexpr unsigned kQoiRgba = 0xFF;

using QoiPixel = std::array<std::uint8_t, 4>;  // red, green, blue, alpha

std::size_t place_of_pixel(const QoiPixel& pixel) {
  return (pixel[0] * 3U + pixel[1] * 5U + pixel[2] * 7U + pixel[3] * 11U) % 64;
}

class QoiReader {
 public:
  explicit QoiReader(Bytes bytes) : bytes_(bytes) {}

  const QoiPixel& next() {
    if (run_ > 0) {
      --run_;
      return pixel_;
    }
    const unsigned tag = byte();
    if (tag == kQoiRgb || tag == kQoiRgba) {
      const std::size_t num_values = tag == kQoiRgb ? 3 : 4;
      for (std::size_t i = 0; i < num_values; ++i) pixel_[i] = static_cast<std::uint8_t>(byte());
    } else if (tag >> 6 == 0) {
      pixel_ = seen_[tag];
    } else if (tag >> 6 == 1) {
      add((tag >> 4 & 3) - 2, (tag >> 2 & 3) - 2, (tag & 3) - 2);
    } else if (tag >> 6 == 2) {
      const unsigned green = (tag & 63) - 32;
      const unsigned others = byte();
      add(green + (others >> 4) - 8, green, green + (others & 15) - 8);
    } else {
      run_ = tag & 63;  // besides this pixel
      return pixel_;
    }
    seen_[place_of_pixel(pixel_)] = pixel_;
    return pixel_;
  }

 private:
  unsigned byte() {
    if (at_ == bytes_.size()) throw_broken(kQoi, kFileEndsEarly);
    return bytes_[at_++];
  }

  /// Modulo 256.
  void add(unsigned red, unsigned green, unsigned blue) {
    pixel_[0] = static_cast<std::uint8_t>(pixel_[0] + red);
    pixel_[1] = static_cast<std::uint8_t>(pixel_[1] + green);
    pixel_[2] = static_cast<std::uint8_t>(pixel_[2] + blue);
  }

  Bytes bytes_;
  std::size_t at_ = kQoiHeaderBytes;
  std::array<QoiPixel, 64> seen_ = {};
  QoiPixel pixel_ = {0, 0, 0, 255};
  unsigned run_ = 0;
};

}  // namespace

DecodedImage decode_qoi(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kQoiHeaderBytes) throw_broken(kQoi, kFileEndsEarly);
  const std::int64_t width = read_u32_be(bytes, 4);
  const std::int64_t height = read_u32_be(bytes, 8);
  check_size(kQoi, width, height, options);
  const unsigned channels = bytes[12];
  if (channels != 3 && channels != 4) throw_broken(kQoi, "it has neither three nor four channels");
  const auto num_pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  // A byte stands for 62 pixels at most: asked for before memory is taken.
  if (bytes.size() - kQoiHeaderBytes < num_pixels / 62) throw_broken(kQoi, kFileEndsEarly);
  DecodedImage decoded{RgbImage(static_cast<int>(width), static_cast<int>(height))};
  if (channels == 4) decoded.alpha.reserve(num_pixels);
  QoiReader reader(bytes);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < num_pixels; ++i) {
    const QoiPixel& pixel = reader.next();
    to = std::copy_n(pixel.begin(), 3, to);
    if (channels == 4) decoded.alpha.push_back(pixel[3]);
  }
  return decoded;
}

}  // namespace clipcls
