// SGI's pictures (.sgi, .rgb, .bw), by "The SGI Image File Format", version 1.00 of Paul Haeberli: rows from
// the bottom up, a plane a channel, as they are or run-length coded. Of 16 bits the upper byte counts, as in
// Pillow.
#include <algorithm>

#include "decoders.h"

namespace clipcls {
namespace {

constexpr std::string_view kSgi = "SGI";
constexpr std::size_t kSgiHeaderBytes = 512;

struct SgiLayout {
  bool is_coded = false;
  std::size_t sample_bytes = 1;
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t num_planes = 1;
};

SgiLayout read_sgi_header(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kSgiHeaderBytes) throw_broken(kSgi, kFileEndsEarly);
  SgiLayout layout;
  layout.is_coded = bytes[2] == 1;
  layout.sample_bytes = bytes[3];
  const unsigned num_dimensions = read_u16_be(bytes, 4);
  layout.width = read_u16_be(bytes, 6);
  layout.height = num_dimensions == 1 ? 1 : read_u16_be(bytes, 8);
  layout.num_planes = num_dimensions == 3 ? read_u16_be(bytes, 10) : 1;
  check_size(kSgi, static_cast<std::int64_t>(layout.width), static_cast<std::int64_t>(layout.height),
             options);
  const bool is_known = bytes[2] <= 1 && (bytes[3] == 1 || bytes[3] == 2) && num_dimensions >= 1 &&
                        num_dimensions <= 3 &&
                        (layout.num_planes == 1 || layout.num_planes == 3 || layout.num_planes == 4);
  if (!is_known) throw_broken(kSgi, "its header has values that no picture has");
  return layout;
}

/// The upper bytes of a row's samples.
void read_coded_row(Bytes coded, const SgiLayout& layout, std::uint8_t* to) {
  std::size_t at = 0;
  std::size_t x = 0;
  const std::size_t step = layout.sample_bytes;
  while (x < layout.width) {
    if (coded.size() - at < step) throw_broken(kSgi, kFileEndsEarly);
    const unsigned tag = coded[at + step - 1];
    at += step;
    const std::size_t count = tag & 127;
    if (count == 0) return;  // the rest is black
    const bool is_copy = (tag & 128) != 0;
    if (count > layout.width - x) throw_broken(kSgi, "a row is longer than the picture is wide");
    if ((coded.size() - at) / step < (is_copy ? count : 1)) throw_broken(kSgi, kFileEndsEarly);
    for (std::size_t i = 0; i < count; ++i) to[x++] = coded[at + (is_copy ? i * step : 0)];
    at += (is_copy ? count : 1) * step;
  }
}

/// Puts plane `plane` of row `y`, counted from the bottom, into its place.
void put_sgi_row(const SgiLayout& layout, std::size_t plane, std::size_t y,
                 const std::vector<std::uint8_t>& row, DecodedImage& decoded) {
  const std::size_t first = (layout.height - 1 - y) * layout.width;
  for (std::size_t x = 0; x < layout.width; ++x) {
    std::uint8_t* const pixel = decoded.image.pixels.data() + 3 * (first + x);
    if (layout.num_planes == 1) {
      std::fill_n(pixel, 3, row[x]);
    } else if (plane < 3) {
      pixel[plane] = row[x];
    } else {
      decoded.alpha[first + x] = row[x];
    }
  }
}

}  // namespace

DecodedImage decode_sgi(Bytes bytes, const DecodeOptions& options) {
  const SgiLayout layout = read_sgi_header(bytes, options);
  const std::size_t num_rows = layout.height * layout.num_planes;
  const std::size_t row_bytes = layout.width * layout.sample_bytes;
  // Behind the header: the samples, or a table of where each row begins and one of how long it is. Asked for
  // before memory is taken.
  if ((bytes.size() - kSgiHeaderBytes) / num_rows < (layout.is_coded ? 8 : row_bytes))
    throw_broken(kSgi, kFileEndsEarly);
  DecodedImage decoded{RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
  if (layout.num_planes == 4) decoded.alpha.resize(layout.width * layout.height);
  for (std::size_t index = 0; index < num_rows; ++index) {
    std::vector<std::uint8_t> row(layout.width);
    if (layout.is_coded) {
      const std::size_t start = read_u32_be(bytes, kSgiHeaderBytes + 4 * index);
      const std::size_t length = read_u32_be(bytes, kSgiHeaderBytes + 4 * (num_rows + index));
      if (start > bytes.size() || length > bytes.size() - start) throw_broken(kSgi, kFileEndsEarly);
      read_coded_row(bytes.subspan(start, length), layout, row.data());
    } else {
      const Bytes samples = bytes.subspan(kSgiHeaderBytes + index * row_bytes, row_bytes);
      for (std::size_t x = 0; x < layout.width; ++x) row[x] = samples[x * layout.sample_bytes];
    }
    put_sgi_row(layout, index / layout.height, index % layout.height, row, decoded);
  }
  return decoded;
}

}  // namespace clipcls
