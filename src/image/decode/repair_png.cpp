// A PNG file written anew of what is sound in another.
#include <algorithm>
#include <array>

#include "inflate.h"
#include "png_chunks.h"

namespace clipcls {
namespace {

/// Rows of one length, as they are packed: each with the byte that names its filter.
struct PackedRows {
  std::size_t row_size = 0;
  std::size_t num_rows = 0;
};

/// The rows of the picture, in their order.
std::vector<PackedRows> packed_rows(const PngChunks& chunks) {
  // By colour type: grey 0, colour 2, palette 3, grey with alpha 4, colour with alpha 6. 1 and 5 do not
  // exist.
  constexpr std::array<std::int64_t, 7> kNumChannels = {1, 0, 3, 1, 2, 0, 4};
  const auto type = static_cast<std::size_t>(chunks.color_type);
  if (type >= kNumChannels.size() || kNumChannels[type] == 0 || chunks.bit_depth > 16)
    throw_broken(kPng, "its header is damaged");
  const std::int64_t pixel_bits = kNumChannels[type] * chunks.bit_depth;
  std::vector<PackedRows> rows;
  const auto add = [&](std::int64_t width, std::int64_t height) {
    if (width <= 0 || height <= 0) return;
    rows.push_back(
        {static_cast<std::size_t>((width * pixel_bits + 7) / 8 + 1), static_cast<std::size_t>(height)});
  };
  if (!chunks.is_interlaced) {
    add(chunks.width, chunks.height);
    return rows;
  }
  // Adam7: each pass is a picture of its own with rows of its own, and an empty one has no rows at all.
  struct Pass {
    std::int64_t left, top, step_x, step_y;
  };
  constexpr std::array<Pass, 7> kAdam7 = {
      {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};
  for (const Pass& pass : kAdam7) {
    add((chunks.width - pass.left + pass.step_x - 1) / pass.step_x,
        (chunks.height - pass.top + pass.step_y - 1) / pass.step_y);
  }
  return rows;
}

/// How many of `bytes` are whole rows, each with a filter that there is.
std::size_t size_of_sound_rows(const std::vector<PackedRows>& layout, Bytes bytes) {
  constexpr std::uint8_t kLastFilter = 4;
  std::size_t size = 0;
  for (const PackedRows& rows : layout) {
    for (std::size_t i = 0; i < rows.num_rows; ++i, size += rows.row_size) {
      if (bytes.size() - size < rows.row_size || bytes[size] > kLastFilter) return size;
    }
  }
  return size;
}

/// IHDR's content: that of the file, but for the size, which a frame has of its own.
std::vector<std::uint8_t> header_of(const PngChunks& chunks) {
  std::vector<std::uint8_t> header(chunks.header.begin(), chunks.header.end());
  for (std::size_t i = 0; i < 4; ++i) {
    header[i] = static_cast<std::uint8_t>(chunks.width >> (24 - 8 * i));
    header[4 + i] = static_cast<std::uint8_t>(chunks.height >> (24 - 8 * i));
  }
  header[9] = static_cast<std::uint8_t>(chunks.color_type);
  return header;
}

void add_chunk(std::vector<std::uint8_t>& file, std::string_view name, Bytes data) {
  for (int shift = 24; shift >= 0; shift -= 8)
    file.push_back(static_cast<std::uint8_t>(data.size() >> shift));
  file.insert(file.end(), name.begin(), name.end());
  file.insert(file.end(), data.begin(), data.end());
  file.insert(file.end(), 4, 0);  // stb looks at no checksum
}

}  // namespace

RepairedPng repair_png(const PngChunks& chunks, bool accepts_truncated) {
  // All IDAT chunks are one zlib stream, which may be split anywhere.
  std::vector<std::uint8_t> packed;
  for (const Bytes part : chunks.data) packed.insert(packed.end(), part.begin(), part.end());
  const std::vector<PackedRows> layout = packed_rows(chunks);
  std::size_t size = 0;
  for (const PackedRows& rows : layout) size += rows.row_size * rows.num_rows;
  constexpr std::size_t kMaxRatio = 1032;  // of deflate; memory is taken for what can be there
  if (!accepts_truncated && packed.size() < size / kMaxRatio) throw_broken(kPng, kFileEndsEarly);
  std::vector<std::uint8_t> rows(size);
  std::size_t num_bytes = 0;
  const InflateOutcome outcome = inflate_exactly(packed, rows, &num_bytes, chunks.is_crushed);
  const std::size_t sound = size_of_sound_rows(layout, Bytes(rows).first(num_bytes));
  const bool is_whole = outcome == InflateOutcome::kWhole && sound == size;
  if (!is_whole && (!accepts_truncated || sound == 0))
    throw_broken(kPng, outcome == InflateOutcome::kEndsEarly ? kFileEndsEarly : "its data is damaged");
  std::fill(rows.begin() + static_cast<std::ptrdiff_t>(sound), rows.end(), std::uint8_t{0});
  // Only the chunks that decide about pixels are written again, with the rows stored unpacked.
  std::vector<std::uint8_t> file(kPngSignature.begin(), kPngSignature.end());
  add_chunk(file, "IHDR", header_of(chunks));
  if (!chunks.palette.empty()) add_chunk(file, "PLTE", chunks.palette);
  if (!chunks.transparency.empty()) add_chunk(file, "tRNS", chunks.transparency);
  add_chunk(file, "IDAT", store_as_zlib(rows));
  add_chunk(file, "IEND", {});
  return {std::move(file), !is_whole};
}

}  // namespace clipcls
