// Photoshop's pictures: the composite of all layers, which lies at the end of the file, a plane a channel. By
// Adobe's "Photoshop File Formats Specification".
#include <algorithm>
#include <string>

#include "cmyk.h"
#include "decoders.h"
#include "lab_colors.h"

namespace clipcls {
namespace {

constexpr std::string_view kPsd = "PSD";
constexpr std::size_t kPsdHeaderBytes = 26;
constexpr std::size_t kPsdPaletteBytes = 768;  // 256 reds, greens, blues

enum class PsdMode {
  kGrayMode = 1,
  kIndexedMode = 2,
  kRgbMode = 3,
  kCmykMode = 4,
  kMultichannelMode = 7,
  kDuotoneMode = 8,
  kLabMode = 9
};

struct PsdLayout {
  std::size_t num_channels = 0;
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t sample_bytes = 1;
  PsdMode mode = PsdMode::kRgbMode;

  std::size_t num_colors() const {
    return mode == PsdMode::kRgbMode || mode == PsdMode::kLabMode ? 3 : mode == PsdMode::kCmykMode ? 4 : 1;
  }
  // Of more channels behind the colours, no one can tell which is the alpha.
  bool has_alpha() const { return mode == PsdMode::kRgbMode && num_channels == 4; }
};

PsdLayout read_psd_header(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kPsdHeaderBytes) throw_broken(kPsd, kFileEndsEarly);
  check_size(kPsd, read_u32_be(bytes, 18), read_u32_be(bytes, 14), options);
  const unsigned depth = read_u16_be(bytes, 22);
  const unsigned mode = read_u16_be(bytes, 24);
  const bool is_known = read_u16_be(bytes, 4) == 1 && (depth == 8 || depth == 16) &&
                        ((mode >= 1 && mode <= 4) || (mode >= 7 && mode <= 9)) && (mode != 2 || depth == 8);
  if (!is_known) {
    throw Error(ErrorKind::kUnsupportedFormat,
                "the PSD picture is of a kind that is not read here: version " +
                    std::to_string(read_u16_be(bytes, 4)) + ", colour mode " + std::to_string(mode) + ", " +
                    std::to_string(depth) +
                    " bits; accepted are grey, indexed, RGB, CMYK and Lab of 8 or 16 bits, version 1");
  }
  PsdLayout layout = {read_u16_be(bytes, 12), read_u32_be(bytes, 18), read_u32_be(bytes, 14), depth / 8,
                      static_cast<PsdMode>(mode)};
  if (layout.num_channels < layout.num_colors()) throw_broken(kPsd, "it has too few channels");
  return layout;
}

/// Takes a section with its length in front off `rest`.
Bytes take_section(Bytes& rest) {
  if (rest.size() < 4 || rest.size() - 4 < read_u32_be(rest, 0)) throw_broken(kPsd, kFileEndsEarly);
  const Bytes section = rest.subspan(4, read_u32_be(rest, 0));
  rest = rest.subspan(4 + section.size());
  return section;
}

/// A row that PackBits has coded.
void unpack_bits_row(Bytes coded, std::span<std::uint8_t> row) {
  std::size_t x = 0;
  for (std::size_t at = 0; x < row.size();) {
    if (at == coded.size()) throw_broken(kPsd, kFileEndsEarly);
    const unsigned tag = coded[at++];
    if (tag == 128) continue;  // stands for nothing
    const bool is_copy = tag < 128;
    const std::size_t count = is_copy ? tag + 1 : 257 - tag;
    if (count > row.size() - x) throw_broken(kPsd, "a row is longer than the picture is wide");
    if (coded.size() - at < (is_copy ? count : 1)) throw_broken(kPsd, kFileEndsEarly);
    for (std::size_t i = 0; i < count; ++i) row[x++] = coded[at + (is_copy ? i : 0)];
    at += is_copy ? count : 1;
  }
}

/// The composite's channels, as many as are asked for: of 16 bits the upper byte.
class PsdChannels {
 public:
  /// `composite`: how it is coded, and what follows.
  PsdChannels(const PsdLayout& layout, Bytes composite) : layout_(layout) {
    if (composite.size() < 2) throw_broken(kPsd, kFileEndsEarly);
    const unsigned coding = read_u16_be(composite, 0);
    if (coding > 1) throw_broken(kPsd, "its composite is coded in a way that no program writes");
    rest_ = composite.subspan(2);
    row_bytes_ = layout.width * layout.sample_bytes;
    const std::size_t num_rows = layout.num_channels * layout.height;
    // Asked for before memory is taken: a row, or how long it is.
    if (rest_.size() / num_rows < (coding == 0 ? row_bytes_ : 2)) throw_broken(kPsd, kFileEndsEarly);
    if (coding == 1) {
      row_lengths_ = rest_.first(2 * num_rows);
      rest_ = rest_.subspan(2 * num_rows);
    }
  }

  /// The next one.
  std::vector<std::uint8_t> next() {
    std::vector<std::uint8_t> channel(layout_.width * layout_.height);
    std::vector<std::uint8_t> row(row_bytes_);
    for (std::size_t y = 0; y < layout_.height; ++y) {
      take_row(row);
      for (std::size_t x = 0; x < layout_.width; ++x)
        channel[y * layout_.width + x] = row[x * layout_.sample_bytes];
    }
    return channel;
  }

 private:
  void take_row(std::span<std::uint8_t> row) {
    const std::size_t length = row_lengths_.empty() ? row.size() : read_u16_be(row_lengths_, 2 * num_taken_);
    ++num_taken_;
    if (rest_.size() < length) throw_broken(kPsd, kFileEndsEarly);
    if (row_lengths_.empty()) {
      std::ranges::copy(rest_.first(length), row.begin());
    } else {
      unpack_bits_row(rest_.first(length), row);
    }
    rest_ = rest_.subspan(length);
  }

  const PsdLayout& layout_;
  Bytes rest_;
  Bytes row_lengths_;  ///< two bytes each; none: nothing is packed
  std::size_t row_bytes_ = 0;
  std::size_t num_taken_ = 0;
};

}  // namespace

DecodedImage decode_psd(Bytes bytes, const DecodeOptions& options) {
  const PsdLayout layout = read_psd_header(bytes, options);
  Bytes rest = bytes.subspan(kPsdHeaderBytes);
  const Bytes palette = take_section(rest);
  take_section(rest);  // resources
  take_section(rest);  // layers
  if (layout.mode == PsdMode::kIndexedMode && palette.size() != kPsdPaletteBytes)
    throw_broken(kPsd, "its palette is missing");
  PsdChannels channels(layout, rest);
  std::vector<std::vector<std::uint8_t>> colors;
  for (std::size_t i = 0; i < layout.num_colors(); ++i) colors.push_back(channels.next());
  DecodedImage decoded{RgbImage(static_cast<int>(layout.width), static_cast<int>(layout.height))};
  auto* to = decoded.image.pixels.begin();
  for (std::size_t i = 0; i < layout.width * layout.height; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      std::uint8_t value = colors[layout.num_colors() == 1 ? 0 : c][i];
      if (layout.mode == PsdMode::kIndexedMode) value = palette[c * 256 + value];
      // Photoshop counts ink from the other end: 255 is none.
      if (layout.mode == PsdMode::kCmykMode) value = without_ink(255U - value, 255U - colors[3][i]);
      *to++ = value;
    }
  }
  if (layout.mode == PsdMode::kLabMode)
    lab_to_rgb(decoded.image.pixels.data(), decoded.image.pixels.size() / 3);
  if (layout.has_alpha()) decoded.alpha = channels.next();
  return decoded;
}

}  // namespace clipcls
