// A frame of a GIF, on the canvas of those before it. Where the data ends before the picture does, the file
// is broken; what is missing or stray elsewhere (the trailer, bytes between blocks) is passed over.
#include <algorithm>
#include <optional>
#include <utility>

#include "decoders.h"
#include "gif_canvas.h"
#include "gif_lzw.h"

namespace clipcls {
namespace {

constexpr std::string_view kGif = "GIF";

/// Nothing where `flags` announce no palette. Colours that it lacks are black, but a ramp of greys goes on,
/// as Pillow takes the indices for the greys themselves.
std::optional<GifPalette> read_palette(GifReader& reader, unsigned flags) {
  // The packed byte of the screen and of a frame: bit 7 says that a palette follows, bits 0 to 2 its length.
  if ((flags & 0x80) == 0) return std::nullopt;
  GifPalette palette;
  palette.num_colors = std::size_t{2} << (flags & 7);
  const Bytes colors = reader.take(palette.num_colors * 3);
  for (std::size_t i = 0; i < palette.num_colors; ++i)
    std::copy_n(colors.data() + i * 3, 3, palette.colors[i].data());
  const GifPalette ramp = gif_gray_ramp();
  auto* const end = palette.colors.begin() + static_cast<std::ptrdiff_t>(palette.num_colors);
  return std::equal(palette.colors.begin(), end, ramp.colors.begin()) ? ramp : palette;
}

/// What a graphic control says is put into `frame`.
void read_extension(GifReader& reader, GifFrame& frame) {
  const bool is_graphic_control = reader.byte() == 0xF9;
  const Bytes block = reader.sub_block();
  if (block.empty()) return;
  if (is_graphic_control) {
    // The block of a graphic control (0xF9) is flags, a delay of two bytes, and the transparent index.
    if (block.size() < 4) throw_broken(kGif, "its graphic control is too short");
    if ((block[0] & 1) != 0) frame.transparent_index = block[3];
    // A frame that does not say it is treated as the one before it, as in Pillow.
    if (const unsigned disposal = block[0] >> 2 & 7; disposal != 0) frame.disposal = disposal;
  }
  // An empty block ends the extension. What a comment or an application says does not count here.
  while (!reader.sub_block().empty()) {
  }
}

/// Leaves `reader` at the packed pixels; nothing: there is no frame more. `disposal`: that of the frame
/// before it.
std::optional<GifFrame> find_frame(GifReader& reader, const std::optional<GifPalette>& global_palette,
                                   unsigned disposal) {
  enum : std::uint8_t { kExtension = 0x21, kImage = 0x2C, kTrailer = 0x3B };
  GifFrame frame;
  frame.disposal = disposal;
  for (;;) {
    if (reader.is_at_end()) return std::nullopt;
    const std::uint8_t tag = reader.byte();
    if (tag == kImage) break;
    // Any other byte between blocks is passed over, as Pillow does.
    if (tag == kTrailer) return std::nullopt;
    if (tag == kExtension) read_extension(reader, frame);
  }
  const Bytes header = reader.take(9);
  frame.left = read_u16_le(header, 0);
  frame.top = read_u16_le(header, 2);
  frame.width = read_u16_le(header, 4);
  frame.height = read_u16_le(header, 6);
  frame.is_interlaced = (header[8] & 0x40) != 0;
  const std::optional<GifPalette> local_palette = read_palette(reader, header[8]);
  // A frame without any palette shows its indices as greys.
  frame.palette = local_palette ? *local_palette : global_palette.value_or(gif_gray_ramp());
  return frame;
}

/// Unpacks the frame whose pixels `reader` stands at, and leaves it behind them.
GifIndices unpack_frame(const GifFrame& frame, GifReader& reader, const DecodeOptions& options) {
  if (frame.width == 0 || frame.height == 0) throw_broken(kGif, "a frame of it has no pixels");
  GifReader behind = reader;
  GifIndices unpacked = unpack_gif_lzw(reader, frame.width * frame.height);
  if (unpacked.problem && (!options.accepts_truncated || unpacked.num_unpacked == 0)) throw *unpacked.problem;
  // What is packed may end before its blocks do.
  if (options.page > 1) {
    behind.take(1);
    while (!behind.is_at_end() && !behind.sub_block().empty()) {
    }
  }
  reader = behind;
  return unpacked;
}

}  // namespace

DecodedImage decode_gif(Bytes bytes, const DecodeOptions& options) {
  GifReader reader(bytes);
  // The signature (6 bytes) and the logical screen: width, height, packed byte, background index, aspect.
  const Bytes screen = reader.take(13);
  const std::optional<GifPalette> global_palette = read_palette(reader, screen[10]);
  GifCanvas canvas(read_u16_le(screen, 6), read_u16_le(screen, 8), global_palette ? screen[11] : 0);
  PageWork work(kGif, options);
  bool is_truncated = false;
  unsigned disposal = 0;
  for (int page = 1; page <= options.page; ++page) {
    const std::optional<GifFrame> frame = find_frame(reader, global_palette, disposal);
    if (!frame && page == 1) throw_broken(kGif, reader.is_at_end() ? kFileEndsEarly : "it has no frame");
    if (!frame) throw_no_page(kGif, page - 1, options);
    disposal = frame->disposal;
    // The canvas grows to hold the frame, so the size is checked after the frame's header is read and before
    // memory is taken.
    const GifSize size = canvas.size_with(*frame);
    check_size(kGif, static_cast<std::int64_t>(size.width), static_cast<std::int64_t>(size.height), options);
    // A canvas that grows is made anew.
    const bool is_larger = size.width * size.height > canvas.size().width * canvas.size().height;
    work.add(static_cast<std::int64_t>(is_larger ? size.width * size.height : frame->width * frame->height));
    const GifIndices unpacked = unpack_frame(*frame, reader, options);
    canvas.add(*frame, std::span(unpacked.indices).first(unpacked.num_unpacked), page == options.page);
    is_truncated = is_truncated || unpacked.problem.has_value();
  }
  DecodedImage decoded = std::move(canvas).picture();
  decoded.is_truncated = is_truncated;
  return decoded;
}

}  // namespace clipcls
