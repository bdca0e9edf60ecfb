// stb_image unpacks the raster; how a first frame lies on its canvas is done here as Pillow does it:
// transparent pixels keep their colour, the canvas grows to hold the frame, and what the frame leaves free
// has the colour of the transparent index, or of index 0.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr std::string_view kGif = "GIF";

struct Frame {
  std::size_t left = 0, top = 0, width = 0, height = 0;
  std::array<std::uint8_t, 3> free_color = {};
};

// Reads a GIF up to its first frame, and on the way edits what stb would do otherwise than Pillow.
class FirstFrame {
 public:
  explicit FirstFrame(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  Frame read() {
    need(13);
    const std::size_t global_palette = 13;
    const std::size_t num_global = palette_size(bytes_[10]);
    at_ = global_palette + num_global * 3;
    while (true) {
      need(1);
      const std::uint8_t tag = bytes_[at_++];
      if (tag == 0x21) {
        read_extension();
      } else if (tag == 0x2C) {
        break;
      } else {
        throw_broken(kGif, tag == 0x3B ? "it has no frame" : "its blocks do not fit together");
      }
    }
    need(10);
    Frame frame{u16(0), u16(2), u16(4), u16(6), {}};
    widen(6, frame.left + frame.width);
    widen(8, frame.top + frame.height);
    const std::size_t num_local = palette_size(bytes_[at_ + 8]);
    const std::size_t palette = num_local > 0 ? at_ + 9 : global_palette;
    at_ += 9;
    need(num_local * 3);
    if (transparent_index_ < (num_local > 0 ? num_local : num_global)) {
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(palette + transparent_index_ * 3), 3,
                  frame.free_color.begin());
    }
    return frame;
  }

 private:
  void need(std::size_t count) const {
    if (bytes_.size() < at_ || bytes_.size() - at_ < count)
      throw_broken(kGif, "the file ends before the picture does");
  }
  std::size_t u16(std::size_t offset) const { return read_u16_le(bytes_, at_ + offset); }
  static std::size_t palette_size(std::uint8_t flags) {
    return (flags & 0x80) != 0 ? std::size_t{2} << (flags & 7) : 0;
  }

  void read_extension() {
    need(2);
    const bool graphic_control = bytes_[at_] == 0xF9;
    ++at_;
    for (bool first = true; bytes_[at_] != 0; first = false) {
      const std::size_t size = bytes_[at_];
      need(size + 2);
      if (graphic_control && first && size >= 4 && (bytes_[at_ + 1] & 1) != 0) {
        transparent_index_ = bytes_[at_ + 4];
        bytes_[at_ + 1] &= 0xFE;  // stb leaves transparent pixels out
      }
      at_ += size + 1;
    }
    ++at_;
  }

  void widen(std::size_t header_field, std::size_t size) {
    if (size <= read_u16_le(bytes_, header_field)) return;
    if (size > 0xFFFF) throw_broken(kGif, "its first frame lies outside of the picture");
    bytes_[header_field] = static_cast<std::uint8_t>(size & 0xFF);
    bytes_[header_field + 1] = static_cast<std::uint8_t>(size >> 8);
  }

  std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
  std::size_t transparent_index_ = 0;
};

void fill_around(const Frame& frame, Image& image) {
  const auto width = static_cast<std::size_t>(image.width);
  const auto height = static_cast<std::size_t>(image.height);
  for (std::size_t y = 0; y < height; ++y) {
    const bool beside = y >= frame.top && y < frame.top + frame.height;
    for (std::size_t x = 0; x < width; ++x) {
      if (beside && x == frame.left && frame.width > 0) x += frame.width;
      if (x >= width) break;
      std::copy(frame.free_color.begin(), frame.free_color.end(),
                image.pixels.begin() + static_cast<std::ptrdiff_t>((y * width + x) * 3));
    }
  }
}

}  // namespace

DecodedImage decode_gif(Bytes bytes, const DecodeOptions& options) {
  std::vector<std::uint8_t> edited(bytes.begin(), bytes.end());
  const Frame frame = FirstFrame(edited).read();
  DecodedImage decoded;
  decoded.image = decode_with_stb(kGif, edited, options);
  fill_around(frame, decoded.image);
  return decoded;
}

}  // namespace clipcls
