#include "jpeg2000_header.h"

#include <algorithm>
#include <string_view>

#include "media_box.h"

namespace clipcls {
namespace {

constexpr std::string_view kStart = "\xFF\x4F\xFF\x51";

unsigned palette_columns(Bytes header) {
  unsigned count = 0;
  visit_media_boxes(header, [&](const MediaBox& box) {
    // The number of rows (2 bytes), of columns (1 byte).
    if (box.type == "pclr" && box.content.size() >= 3) count = std::max<unsigned>(count, box.content[2]);
    return false;
  });
  return count;
}

std::uint64_t num_parts(std::int64_t from, std::int64_t to, std::uint32_t size) {
  return to <= from || size == 0 ? 0 : (static_cast<std::uint64_t>(to - from) + size - 1) / size;
}

}  // namespace

bool is_jpeg2000_codestream(Bytes file) { return starts_with(file, kStart); }

Jpeg2000Header read_jpeg2000_header(Bytes file) {
  Jpeg2000Header header;
  Bytes codestream;
  if (is_jpeg2000_codestream(file)) {
    codestream = file;
  } else {
    visit_media_boxes(file, [&](const MediaBox& box) {
      if (box.type == "jp2h")
        header.num_palette_columns = std::max(header.num_palette_columns, palette_columns(box.content));
      if (box.type == "jp2c") codestream = box.content;
      return box.type == "jp2c";
    });
  }
  // The two markers, a length and a profile (2 bytes each); then, of 4 bytes each, the lower right corner of
  // the picture, its upper left one, the size of a tile and the corner of the first; and a count (2 bytes).
  constexpr std::size_t kSizeAt = 8;
  constexpr std::size_t kCountAt = kSizeAt + std::size_t{8} * 4;
  if (!starts_with(codestream, kStart) || codestream.size() < kCountAt + 2) return header;
  const auto word = [&](std::size_t index) { return read_u32_be(codestream, kSizeAt + index * 4); };
  header.is_found = true;
  header.width = std::int64_t{word(0)} - word(2);
  header.height = std::int64_t{word(1)} - word(3);
  header.num_tiles = num_parts(word(6), word(0), word(4)) * num_parts(word(7), word(1), word(5));
  header.num_components = read_u16_be(codestream, kCountAt);
  return header;
}

}  // namespace clipcls
