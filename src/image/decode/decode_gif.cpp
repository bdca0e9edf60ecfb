// The first frame of a GIF, laid on its canvas as Pillow does it: transparent pixels keep their colour, the
// canvas grows to hold the frame, and what the frame leaves free has the colour of the transparent index, or
// of index 0. Where the data ends before the picture does, the file is broken; what is missing or stray
// elsewhere (the trailer, bytes between blocks) is passed over.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "decoders.h"
#include "gif_lzw.h"

namespace clipcls {
namespace {

constexpr std::string_view kGif = "GIF";

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

struct Frame {
  std::size_t left = 0, top = 0, width = 0, height = 0;
  bool is_interlaced = false;
  Palette palette = {};
  std::optional<std::uint8_t> transparent_index;
};

Palette gray_ramp() {
  Palette ramp;
  for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i].fill(static_cast<std::uint8_t>(i));
  return ramp;
}

/// Nothing where `flags` announce no palette. Colours that it lacks are black, but a ramp of greys goes on,
/// as Pillow takes the indices for the greys themselves.
std::optional<Palette> read_palette(GifReader& reader, unsigned flags) {
  // The packed byte of the screen and of a frame: bit 7 says that a palette follows, bits 0 to 2 its length.
  if ((flags & 0x80) == 0) return std::nullopt;
  const std::size_t num_colors = std::size_t{2} << (flags & 7);
  const Bytes colors = reader.take(num_colors * 3);
  const Palette ramp = gray_ramp();
  Palette palette = {};
  for (std::size_t i = 0; i < num_colors; ++i) std::copy_n(colors.data() + i * 3, 3, palette[i].data());
  return std::equal(palette.begin(), palette.begin() + static_cast<std::ptrdiff_t>(num_colors), ramp.begin())
             ? ramp
             : palette;
}

/// The transparent index of a graphic control is put into `frame`.
void read_extension(GifReader& reader, Frame& frame) {
  const bool is_graphic_control = reader.byte() == 0xF9;
  const Bytes block = reader.sub_block();
  if (block.empty()) return;
  if (is_graphic_control) {
    // The block of a graphic control (0xF9) is flags, a delay of two bytes, and the transparent index.
    if (block.size() < 4) throw_broken(kGif, "its graphic control is too short");
    if ((block[0] & 1) != 0) frame.transparent_index = block[3];
  }
  // An empty block ends the extension. What a comment or an application says does not count here.
  while (!reader.sub_block().empty()) {
  }
}

/// Leaves `reader` at the packed pixels.
Frame find_first_frame(GifReader& reader, const std::optional<Palette>& global_palette) {
  enum : std::uint8_t { kExtension = 0x21, kImage = 0x2C, kTrailer = 0x3B };
  Frame frame;
  for (std::uint8_t tag = reader.byte(); tag != kImage; tag = reader.byte()) {
    // Any other byte between blocks is passed over, as Pillow does.
    if (tag == kTrailer) throw_broken(kGif, "it has no frame");
    if (tag == kExtension) read_extension(reader, frame);
  }
  const Bytes header = reader.take(9);
  frame.left = read_u16_le(header, 0);
  frame.top = read_u16_le(header, 2);
  frame.width = read_u16_le(header, 4);
  frame.height = read_u16_le(header, 6);
  frame.is_interlaced = (header[8] & 0x40) != 0;
  const std::optional<Palette> local_palette = read_palette(reader, header[8]);
  // A frame without any palette shows its indices as greys.
  frame.palette = local_palette ? *local_palette : global_palette.value_or(gray_ramp());
  return frame;
}

/// The rows of a frame in the order in which they are stored.
std::vector<std::size_t> row_order(const Frame& frame) {
  std::vector<std::size_t> rows;
  const auto add = [&](std::size_t first, std::size_t step) {
    for (std::size_t row = first; row < frame.height; row += step) rows.push_back(row);
  };
  // An interlaced frame comes in four passes, each of which fills in between the rows of those before.
  if (!frame.is_interlaced) {
    add(0, 1);
  } else {
    add(0, 8);
    add(4, 8);
    add(2, 4);
    add(1, 2);
  }
  return rows;
}

/// A picture whose indices are all `index`.
DecodedImage filled_canvas(int width, int height, const Frame& frame) {
  DecodedImage canvas{RgbImage(width, height)};
  if (frame.transparent_index) canvas.alpha.resize(canvas.image.pixels.size() / 3);
  const auto& color = frame.palette[frame.transparent_index.value_or(0)];
  for (std::size_t i = 0; i < canvas.image.pixels.size(); ++i) canvas.image.pixels[i] = color[i % 3];
  return canvas;
}

void draw_frame(const Frame& frame, std::span<const std::uint8_t> indices, DecodedImage& canvas) {
  auto index = indices.begin();
  for (const std::size_t row : row_order(frame)) {
    const std::size_t first = (frame.top + row) * static_cast<std::size_t>(canvas.image.width) + frame.left;
    for (std::size_t pixel = first; pixel < first + frame.width; ++pixel, ++index) {
      if (index == indices.end()) return;
      std::copy_n(frame.palette[*index].data(), 3, canvas.image.pixels.data() + pixel * 3);
      if (frame.transparent_index) canvas.alpha[pixel] = *index == *frame.transparent_index ? 0 : 255;
    }
  }
}

}  // namespace

DecodedImage decode_gif(Bytes bytes, const DecodeOptions& options) {
  GifReader reader(bytes);
  // The signature (6 bytes) and the logical screen: width, height, packed byte, background index, aspect. The
  // background index is not used, as the top of this file says.
  const Bytes screen = reader.take(13);
  const std::optional<Palette> global_palette = read_palette(reader, screen[10]);
  const Frame frame = find_first_frame(reader, global_palette);
  // The canvas grows to hold the frame, so the size is checked after the frame's header is read and before
  // memory is taken.
  const std::size_t width = std::max<std::size_t>(read_u16_le(screen, 6), frame.left + frame.width);
  const std::size_t height = std::max<std::size_t>(read_u16_le(screen, 8), frame.top + frame.height);
  check_size(kGif, static_cast<std::int64_t>(width), static_cast<std::int64_t>(height), options);
  if (frame.width == 0 || frame.height == 0) throw_broken(kGif, "its first frame has no pixels");
  const GifIndices unpacked = unpack_gif_lzw(reader, frame.width * frame.height);
  if (unpacked.problem && (!options.accepts_truncated || unpacked.num_unpacked == 0)) throw *unpacked.problem;
  DecodedImage decoded = filled_canvas(static_cast<int>(width), static_cast<int>(height), frame);
  draw_frame(frame, std::span(unpacked.indices).first(unpacked.num_unpacked), decoded);
  decoded.is_truncated = unpacked.problem.has_value();
  return decoded;
}

}  // namespace clipcls
