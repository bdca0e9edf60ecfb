// Portable bitmaps, greymaps and pixmaps, P1 to P6. Here and not by stb_image, which reads P5 and P6 alone,
// takes no notice of their largest value, and hands out uninitialised memory for a file that ends early.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "decoders.h"
#include "deep_gray.h"

namespace clipcls {
namespace {

constexpr std::string_view kPnm = "PNM";

bool is_space(std::uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct PnmKind {
  bool is_plain = false;  ///< text
  bool is_gray = false;
  int max_value = 1;
};

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

// Pillow's round(value / largest * top), which it takes for binary and for plain samples; halves to even.
double pillow_level(int value, int max_value, double top) {
  return std::nearbyint(static_cast<double>(value) / max_value * top);
}

std::vector<std::uint8_t> make_levels(int max_value) {
  std::vector<std::uint8_t> levels;
  for (int value = 0; value <= max_value; ++value)
    levels.push_back(static_cast<std::uint8_t>(pillow_level(value, max_value, 255)));
  return levels;
}

/// How many of the rows of binary samples are whole. Throws kBrokenImage where not all are there, unless
/// options.accepts_truncated and one is.
std::size_t num_rows_of(std::size_t num_bytes, std::size_t row_bytes, const DecodeOptions& options,
                        DecodedImage& decoded) {
  const auto height = static_cast<std::size_t>(decoded.image.height);
  const std::size_t num_rows = std::min(num_bytes / row_bytes, height);
  decoded.is_truncated = num_rows < height;
  if (decoded.is_truncated && !(options.accepts_truncated && num_rows > 0))
    throw_broken(kPnm, kFileEndsEarly);
  return num_rows;
}

// Binary samples beyond the largest value count as it; plain ones are an error, as in Pillow.
template <typename Take>
void read_samples(Scanner& scanner, const PnmKind& kind, const DecodeOptions& options, DecodedImage& decoded,
                  const Take& take) {
  const std::size_t sample_bytes = kind.max_value > 255 ? 2 : 1;
  const std::size_t row_samples = static_cast<std::size_t>(decoded.image.width) * (kind.is_gray ? 1 : 3);
  const Bytes raw = scanner.rest();
  const std::size_t num_rows = kind.is_plain
                                   ? static_cast<std::size_t>(decoded.image.height)
                                   : num_rows_of(raw.size(), row_samples * sample_bytes, options, decoded);
  const std::size_t num_samples = num_rows * row_samples;
  for (std::size_t i = 0; i < num_samples; ++i) {
    int value = 0;
    if (kind.is_plain) {
      value = scanner.number();
      if (value > kind.max_value)
        throw_broken(kPnm, "it has a value above its largest, " + std::to_string(kind.max_value));
    } else {
      value = sample_bytes == 2 ? static_cast<int>(read_u16_be(raw, i * 2)) : raw[i];
    }
    take(std::min(value, kind.max_value));
  }
}

void read_levels(Scanner& scanner, const PnmKind& kind, const DecodeOptions& options, DecodedImage& decoded) {
  const std::vector<std::uint8_t> levels = make_levels(kind.max_value);
  auto* to = decoded.image.pixels.begin();
  read_samples(scanner, kind, options, decoded, [&](int value) {
    to = std::fill_n(to, kind.is_gray ? 3 : 1, levels[static_cast<std::size_t>(value)]);
  });
}

void read_deep_values(Scanner& scanner, const PnmKind& kind, const DecodeOptions& options,
                      DecodedImage& decoded) {
  std::vector<std::uint16_t> values(decoded.image.pixels.size() / 3);
  auto to = values.begin();
  read_samples(scanner, kind, options, decoded,
               [&](int value) { *to++ = static_cast<std::uint16_t>(value); });
  // Pillow's clipping is that of its mode "I", 0 to 65535.
  const auto value_of = [&](std::size_t i) {
    return options.deep_gray == DeepGray::kClip ? pillow_level(values[i], kind.max_value, 65535)
                                                : static_cast<double>(values[i]);
  };
  draw_deep_gray(options.deep_gray, {0, static_cast<double>(kind.max_value)}, value_of, decoded);
}

// 1 is black. Binary rows start at a byte.
void read_bits(Scanner& scanner, const PnmKind& kind, const DecodeOptions& options, DecodedImage& decoded) {
  const auto width = static_cast<std::size_t>(decoded.image.width);
  const std::size_t row_bytes = (width + 7) / 8;
  const Bytes raw = scanner.rest();
  const std::size_t num_rows = kind.is_plain ? static_cast<std::size_t>(decoded.image.height)
                                             : num_rows_of(raw.size(), row_bytes, options, decoded);
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < num_rows * width; ++i) {
    const std::size_t x = i % width;
    const int bit = kind.is_plain ? scanner.bit() : raw[i / width * row_bytes + x / 8] >> (7 - x % 8) & 1;
    to = std::fill_n(to, 3, static_cast<std::uint8_t>(bit != 0 ? 0 : 255));
  }
}

}  // namespace

DecodedImage decode_pnm(Bytes bytes, const DecodeOptions& options) {
  // P1 to P3 are plain text (bitmap, grey, colour), P4 to P6 the same in binary.
  const int number = bytes[1] - '0';
  PnmKind kind;
  kind.is_plain = number <= 3;
  kind.is_gray = number == 2 || number == 5;
  const bool is_bitmap = number == 1 || number == 4;
  Scanner scanner(bytes, 2);
  const int width = scanner.number();
  const int height = scanner.number();
  check_size(kPnm, width, height, options);
  if (!is_bitmap) kind.max_value = scanner.number();
  if (kind.max_value < 1 || kind.max_value > 65535)
    throw_broken(kPnm, "its largest value is not within 1 .. 65535");
  // The smallest file that could hold the picture is asked for before its memory is taken.
  const auto num_pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  if (!options.accepts_truncated && scanner.rest().size() < num_pixels / 8)
    throw_broken(kPnm, kFileEndsEarly);
  DecodedImage decoded{RgbImage(width, height)};
  if (is_bitmap) {
    read_bits(scanner, kind, options, decoded);
  } else if (kind.is_gray && kind.max_value > 255) {
    read_deep_values(scanner, kind, options, decoded);
  } else {
    read_levels(scanner, kind, options, decoded);
  }
  return decoded;
}

}  // namespace clipcls
