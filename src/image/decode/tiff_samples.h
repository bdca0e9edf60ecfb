#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// How the samples of a TIFF page lie, and what they mean. The numbers are those of the TIFF specification.
struct TiffLayout {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  unsigned bits = 1;  ///< of a sample
  unsigned num_samples = 1;
  unsigned photometric = 0;  ///< 0 and 1 grey, 2 RGB, 3 palette, 5 CMYK, 8 Lab
  int first_extra = -1;    ///< of the extra samples: 1 alpha, colours multiplied by it; 2 alpha; -1: not said
  bool is_planar = false;  ///< a plane a sample, one behind the other
  bool is_float = false;
  bool is_signed = false;
  std::optional<double> min_value = {};  ///< SMinSampleValue
  std::optional<double> max_value = {};  ///< SMaxSampleValue
  std::array<std::vector<std::uint16_t>, 3> palette = {};

  std::size_t samples_in_plane() const { return is_planar ? 1 : num_samples; }
  std::size_t row_bytes() const { return (std::size_t{width} * samples_in_plane() * bits + 7) / 8; }
};

/// Whether it has colours in CIE L*a*b* of 8 bits, as Pillow reads them.
bool is_lab_of_bytes(const TiffLayout& layout);

/// How many of the planes, or of the samples of a pixel, count: colours and alpha.
unsigned num_used_samples(const TiffLayout& layout);

/// Throws Error (kUnsupportedFormat) for samples that tiff_pixels() does not know, kBrokenImage where they
/// contradict each other. To be called before memory is taken for them.
void require_known_samples(const TiffLayout& layout);

/// Puts the rows of samples of a strip or tile, which begins at column `x` and row `y`, into their place in a
/// plane.
void copy_tiff_part(const TiffLayout& layout, const std::vector<std::uint8_t>& part, std::size_t part_width,
                    std::size_t x, std::size_t y, std::size_t num_rows, std::uint8_t* plane);

/// Pillow's RGB of the samples, [planes, height, row_bytes], in the byte order of this machine; of grey that
/// is deeper than 8 bits what `deep_gray` says. With DeepGray::kScale that is from the file's own
/// SMinSampleValue to its SMaxSampleValue, else all values that 12 or 16 bits have, else (signed numbers, 32
/// bits, floats: nobody knows what is white) from the lowest to the highest value in the picture.
DecodedImage tiff_pixels(const TiffLayout& layout, const std::vector<std::uint8_t>& samples,
                         DeepGray deep_gray);

}  // namespace clipcls
