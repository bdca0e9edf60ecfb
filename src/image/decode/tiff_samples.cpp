// What the samples of a TIFF page mean, as Pillow has it.
#include "tiff_samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "alpha.h"
#include "cmyk.h"
#include "deep_gray.h"
#include "lab_colors.h"

namespace clipcls {
namespace {

enum : unsigned { kMinIsWhite = 0, kMinIsBlack = 1, kRgb = 2, kPalette = 3, kSeparated = 5, kLab = 8 };
constexpr int kPremultiplied = 1;

unsigned num_colors(const TiffLayout& layout) {
  return layout.photometric == kRgb || layout.photometric == kLab ? 3
         : layout.photometric == kSeparated                       ? 4
                                                                  : 1;
}

/// The samples of one row, [width, num_samples], as numbers; those of the first plane begin at `row`.
class RowReader {
 public:
  RowReader(const TiffLayout& layout, const std::vector<std::uint8_t>& samples, bool is_pillow)
      : layout_(layout),
        samples_(samples),
        plane_(layout.row_bytes() * layout.height),
        takes_32_bits_as_signed_(layout.is_signed || is_pillow) {}

  double value(std::size_t y, std::size_t x, std::size_t sample) const {
    const std::size_t index = layout_.is_planar ? x : x * layout_.num_samples + sample;
    const std::uint8_t* row =
        samples_.data() + (layout_.is_planar ? sample * plane_ : 0) + y * layout_.row_bytes();
    if (layout_.is_float) return read<float>(row, index);
    if (layout_.bits == 8) return row[index];
    if (layout_.bits == 16)
      return layout_.is_signed ? double{read_as_double<std::int16_t>(row, index)}
                               : read_as_double<std::uint16_t>(row, index);
    if (layout_.bits == 32)
      return takes_32_bits_as_signed_ ? double{read_as_double<std::int32_t>(row, index)}
                                      : read_as_double<std::uint32_t>(row, index);
    // The leftmost sample has the highest bits; those of 12 bits lie across bytes.
    const std::size_t first = index * layout_.bits;
    const unsigned two = row[first / 8] * 256U + (first % 8 + layout_.bits > 8 ? row[first / 8 + 1] : 0U);
    return two >> (16 - first % 8 - layout_.bits) & ((1U << layout_.bits) - 1);
  }

 private:
  template <typename T>
  static T read(const std::uint8_t* row, std::size_t index) {
    T value;
    std::memcpy(&value, row + index * sizeof(T), sizeof(T));
    return value;
  }
  template <typename T>
  static double read_as_double(const std::uint8_t* row, std::size_t index) {
    return static_cast<double>(read<T>(row, index));
  }

  const TiffLayout& layout_;
  const std::vector<std::uint8_t>& samples_;
  std::size_t plane_;
  bool takes_32_bits_as_signed_;
};

void read_gray(const TiffLayout& layout, const RowReader& reader, DecodedImage& decoded) {
  const unsigned factor = layout.bits < 8 ? 255 / ((1U << layout.bits) - 1) : 1;
  const bool is_inverted = layout.photometric == kMinIsWhite;
  std::uint8_t* to = decoded.image.pixels.data();
  for (std::size_t y = 0; y < layout.height; ++y) {
    for (std::size_t x = 0; x < layout.width; ++x) {
      const std::uint8_t gray = clip_gray(reader.value(y, x, 0) * factor);
      to = std::fill_n(to, 3, static_cast<std::uint8_t>(is_inverted ? 255 - gray : gray));
    }
  }
}

/// None: nobody knows which value is white.
std::optional<GrayRange> declared_range(const TiffLayout& layout) {
  const bool has_limits = !layout.is_float && !layout.is_signed && layout.bits <= 16;
  const double largest = has_limits ? (1U << layout.bits) - 1 : 0;
  const double low = layout.min_value.value_or(0);
  const double high = layout.max_value.value_or(largest);
  const bool is_declared = layout.min_value || layout.max_value;
  const bool has_both = (layout.min_value || has_limits) && (layout.max_value || has_limits);
  if (is_declared && has_both && std::isfinite(low) && std::isfinite(high) && low < high)
    return GrayRange{low, high};
  if (has_limits) return GrayRange{0, largest};
  return std::nullopt;
}

void read_deep_gray(const TiffLayout& layout, const RowReader& reader, DeepGray how, DecodedImage& decoded) {
  const std::optional<GrayRange> declared = declared_range(layout);
  GrayRange range = declared.value_or(GrayRange{});
  // Pillow leaves deep values as they are.
  range.is_inverted = layout.photometric == kMinIsWhite;
  if (how == DeepGray::kScale && !declared) how = DeepGray::kStretch;
  const auto value_of = [&](std::size_t i) { return reader.value(i / layout.width, i % layout.width, 0); };
  draw_deep_gray(how, range, value_of, decoded);
}

void read_palette_indices(const TiffLayout& layout, const RowReader& reader, DecodedImage& decoded) {
  std::uint8_t* to = decoded.image.pixels.data();
  for (std::size_t y = 0; y < layout.height; ++y) {
    for (std::size_t x = 0; x < layout.width; ++x) {
      const auto index = static_cast<std::size_t>(reader.value(y, x, 0));
      for (std::size_t c = 0; c < 3; ++c) *to++ = static_cast<std::uint8_t>(layout.palette[c][index] >> 8);
    }
  }
}

/// RGB of 8 bits, pixel by pixel: what nearly all pictures are, and nothing but bytes to copy.
void copy_bytes(const TiffLayout& layout, const std::vector<std::uint8_t>& samples, DecodedImage& decoded) {
  const std::size_t num_pixels = std::size_t{layout.width} * layout.height;
  std::uint8_t* to = decoded.image.pixels.data();
  if (layout.num_samples == 3) {
    std::memcpy(to, samples.data(), 3 * num_pixels);
    return;
  }
  const std::uint8_t* from = samples.data();
  for (std::size_t i = 0; i < num_pixels; ++i, from += layout.num_samples) to = std::copy_n(from, 3, to);
}

/// The samples are copied already; a and b are signed.
void read_lab(DecodedImage& decoded) {
  Pixels& pixels = decoded.image.pixels;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (i % 3 != 0) pixels[i] ^= 0x80;
  }
  lab_to_rgb(pixels.data(), pixels.size() / 3);
}

void read_colors(const TiffLayout& layout, const RowReader& reader, DecodedImage& decoded) {
  const double divisor = layout.bits == 16 ? 256 : 1;  // the upper byte
  const auto byte = [&](std::size_t y, std::size_t x, std::size_t sample) {
    return static_cast<unsigned>(reader.value(y, x, sample) / divisor);
  };
  std::uint8_t* to = decoded.image.pixels.data();
  for (std::size_t y = 0; y < layout.height; ++y) {
    for (std::size_t x = 0; x < layout.width; ++x) {
      const unsigned black = layout.photometric == kSeparated ? byte(y, x, 3) : 0;
      for (std::size_t c = 0; c < 3; ++c) {
        const unsigned value = byte(y, x, c);
        *to++ =
            layout.photometric == kSeparated ? without_ink(value, black) : static_cast<std::uint8_t>(value);
      }
    }
  }
}

bool has_alpha_samples(const TiffLayout& layout) {
  // Of an extra sample that says nothing of itself, Pillow takes the one behind RGB for alpha.
  const bool is_alpha = layout.first_extra == 1 || layout.first_extra == 2 ||
                        (layout.photometric == kRgb && layout.first_extra != 0);
  return is_alpha && layout.photometric != kSeparated && layout.num_samples > num_colors(layout) &&
         (layout.bits == 8 || layout.bits == 16);
}

}  // namespace

bool is_lab_of_bytes(const TiffLayout& layout) {
  return layout.photometric == kLab && layout.bits == 8 && layout.num_samples == 3 && !layout.is_planar &&
         !layout.is_float;
}

unsigned num_used_samples(const TiffLayout& layout) {
  return num_colors(layout) + (has_alpha_samples(layout) ? 1 : 0);
}

void require_known_samples(const TiffLayout& layout) {
  const unsigned bits = layout.bits;
  const bool is_gray = layout.photometric == kMinIsWhite || layout.photometric == kMinIsBlack;
  const bool is_small = bits == 1 || bits == 2 || bits == 4 || bits == 8;
  bool is_known = false;
  if (is_gray) is_known = layout.is_float ? bits == 32 : is_small || bits == 12 || bits == 16 || bits == 32;
  if (layout.photometric == kPalette) is_known = is_small;
  if (layout.photometric == kRgb || layout.photometric == kSeparated) is_known = bits == 8 || bits == 16;
  if (layout.photometric == kLab) is_known = is_lab_of_bytes(layout);
  if (!is_gray && layout.is_float) is_known = false;
  constexpr unsigned kMaxSamples = 8;
  if (!is_known || layout.num_samples > kMaxSamples) {
    throw Error(ErrorKind::kUnsupportedFormat,
                "the TIFF picture is of a kind that is not read here: " + std::to_string(layout.num_samples) +
                    " samples of " + std::to_string(bits) +
                    (layout.is_float ? " bits, floating point" : " bits"));
  }
  if (layout.num_samples < num_colors(layout)) throw_broken("TIFF", "it has too few samples a pixel");
  if (layout.photometric == kPalette && layout.palette[0].empty())
    throw_broken("TIFF", "its palette is missing");
}

void copy_tiff_part(const TiffLayout& layout, const std::vector<std::uint8_t>& part, std::size_t part_width,
                    std::size_t x, std::size_t y, std::size_t num_rows, std::uint8_t* plane) {
  const std::size_t samples = layout.samples_in_plane();
  const std::size_t part_row = (part_width * samples * layout.bits + 7) / 8;
  const std::size_t row = layout.row_bytes();
  // Tiles are 16 pixels wide or a multiple of it, so that each begins at a whole byte.
  const std::size_t first = x * samples * layout.bits / 8;
  for (std::size_t i = 0; i < num_rows && y + i < layout.height; ++i) {
    std::memcpy(plane + (y + i) * row + first, part.data() + i * part_row, std::min(part_row, row - first));
  }
}

DecodedImage tiff_pixels(const TiffLayout& layout, const std::vector<std::uint8_t>& samples,
                         DeepGray deep_gray) {
  DecodedImage decoded{RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
  const RowReader reader(layout, samples, deep_gray == DeepGray::kClip);
  const unsigned colors = num_colors(layout);
  if (has_alpha_samples(layout)) {
    decoded.alpha.reserve(std::size_t{layout.width} * layout.height);
    for (std::size_t y = 0; y < layout.height; ++y) {
      for (std::size_t x = 0; x < layout.width; ++x)
        decoded.alpha.push_back(
            static_cast<std::uint8_t>(reader.value(y, x, colors) / (layout.bits == 16 ? 256 : 1)));
    }
  }
  if (layout.photometric == kPalette) {
    read_palette_indices(layout, reader, decoded);
  } else if (colors == 1 && layout.bits > 8) {
    read_deep_gray(layout, reader, deep_gray, decoded);
  } else if (colors == 1) {
    read_gray(layout, reader, decoded);
  } else {
    const bool is_rgb = layout.photometric == kRgb;
    const bool is_copied = (is_rgb || is_lab_of_bytes(layout)) && layout.bits == 8 && !layout.is_planar;
    is_copied ? copy_bytes(layout, samples, decoded) : read_colors(layout, reader, decoded);
    if (layout.photometric == kLab) read_lab(decoded);
    if (layout.first_extra == kPremultiplied) undo_premultiplication(decoded);
  }
  return decoded;
}

}  // namespace clipcls
