// Portable bitmaps, greymaps and pixmaps, P1 to P6. Here and not by stb_image, which reads P5 and P6 alone,
// takes no notice of their largest value, and hands out uninitialised memory for a file that ends early.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "decoders.h"

namespace clipcls {
namespace {

constexpr std::string_view kPnm = "PNM";

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

class Scanner {
 public:
  Scanner(Bytes bytes, std::size_t at) : bytes_(bytes), at_(at) {}

  Bytes rest() const { return bytes_.subspan(at_); }

  /// A decimal number, and the one white space behind it.
  int number() {
    skip_space();
    int value = 0;
    std::size_t digits = 0;
    for (; at_ < bytes_.size() && !is_space(bytes_[at_]) && bytes_[at_] != '#'; ++at_, ++digits) {
      if (bytes_[at_] < '0' || bytes_[at_] > '9')
        throw_broken(kPnm, "it has another character where a digit belongs");
      // Nine digits always fit an int.
      if (digits == 9) throw_broken(kPnm, "it has a number of more than nine digits");
      value = value * 10 + (bytes_[at_] - '0');
    }
    if (digits == 0) throw_broken(kPnm, kFileEndsEarly);
    if (at_ < bytes_.size() && is_space(bytes_[at_])) ++at_;
    return value;
  }

  /// A single 0 or 1, as plain bitmaps have them, with or without space between.
  int bit() {
    skip_space();
    if (at_ >= bytes_.size()) throw_broken(kPnm, kFileEndsEarly);
    const int value = bytes_[at_++] - '0';
    if (value != 0 && value != 1) throw_broken(kPnm, "it has another character where a bit belongs");
    return value;
  }

 private:
  void skip_space() {
    for (; at_ < bytes_.size(); ++at_) {
      if (bytes_[at_] == '#') {
        while (at_ < bytes_.size() && bytes_[at_] != '\n' && bytes_[at_] != '\r') ++at_;
        if (at_ >= bytes_.size()) return;
      } else if (!is_space(bytes_[at_])) {
        return;
      }
    }
  }

  Bytes bytes_;
  std::size_t at_;
};

// Value to byte. Grey with more than 8 bits goes through Pillow's mode "I" (0..65535), which convert("RGB")
// clips.
std::vector<std::uint8_t> make_levels(int max_value, bool gray) {
  // Pillow's round(value / largest * top), which it takes for binary and for plain samples.
  const double top = gray && max_value > 255 ? 65535.0 : 255.0;
  std::vector<std::uint8_t> levels(static_cast<std::size_t>(max_value) + 1);
  for (std::size_t value = 0; value < levels.size(); ++value) {
    const double scaled = std::nearbyint(static_cast<double>(value) / max_value * top);  // halves to even
    levels[value] = static_cast<std::uint8_t>(std::min(scaled, 255.0));
  }
  return levels;
}

// Binary samples beyond the largest value count as it; plain ones are an error, as in Pillow.
void read_samples(Scanner& scanner, bool plain, int max_value, bool gray, RgbImage& image) {
  const std::vector<std::uint8_t> levels = make_levels(max_value, gray);
  const std::size_t sample_bytes = max_value > 255 ? 2 : 1;
  const std::size_t repeat = gray ? 3 : 1;
  const std::size_t num_samples = image.pixels.size() / repeat;
  const Bytes raw = scanner.rest();
  if (!plain && raw.size() / sample_bytes < num_samples) throw_broken(kPnm, kFileEndsEarly);
  auto to = image.pixels.begin();
  for (std::size_t i = 0; i < num_samples; ++i) {
    int value = 0;
    if (plain) {
      value = scanner.number();
      if (value > max_value)
        throw_broken(kPnm, "it has a value above its largest, " + std::to_string(max_value));
    } else {
      value = sample_bytes == 2 ? static_cast<int>(read_u16_be(raw, i * 2)) : raw[i];
    }
    to = std::fill_n(to, repeat, levels[static_cast<std::size_t>(std::min(value, max_value))]);
  }
}

// 1 is black. Binary rows start at a byte.
void read_bits(Scanner& scanner, bool plain, RgbImage& image) {
  const auto width = static_cast<std::size_t>(image.width);
  const std::size_t row_bytes = (width + 7) / 8;
  const Bytes raw = scanner.rest();
  if (!plain && raw.size() / row_bytes < static_cast<std::size_t>(image.height))
    throw_broken(kPnm, kFileEndsEarly);
  auto to = image.pixels.begin();
  for (std::size_t i = 0; i < image.pixels.size() / 3; ++i) {
    const std::size_t x = i % width;
    const int bit = plain ? scanner.bit() : raw[i / width * row_bytes + x / 8] >> (7 - x % 8) & 1;
    to = std::fill_n(to, 3, static_cast<std::uint8_t>(bit != 0 ? 0 : 255));
  }
}

}  // namespace

DecodedImage decode_pnm(Bytes bytes, const DecodeOptions& options) {
  // P1 to P3 are plain text (bitmap, grey, colour), P4 to P6 the same in binary.
  const int kind = bytes[1] - '0';
  const bool plain = kind <= 3;
  const bool bitmap = kind == 1 || kind == 4;
  const bool gray = kind == 2 || kind == 5;
  Scanner scanner(bytes, 2);
  const int width = scanner.number();
  const int height = scanner.number();
  check_size(kPnm, width, height, options);
  const int max_value = bitmap ? 1 : scanner.number();
  if (max_value < 1 || max_value > 65535) throw_broken(kPnm, "its largest value is not within 1 .. 65535");
  // The smallest file that could hold the picture is asked for before its memory is taken.
  const auto num_pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (scanner.rest().size() < num_pixels / 8) throw_broken(kPnm, kFileEndsEarly);
  DecodedImage decoded{RgbImage(width, height)};
  decoded.is_gray_clipped = gray && max_value > 255;
  if (bitmap) {
    read_bits(scanner, plain, decoded.image);
  } else {
    read_samples(scanner, plain, max_value, gray, decoded.image);
  }
  return decoded;
}

}  // namespace clipcls
