// Icons and cursors of Windows: bitmaps without a file header, or PNG files, in several sizes. The first page
// is the largest.
#include <algorithm>
#include <bit>
#include <optional>
#include <tuple>
#include <utility>

#include "bmp_picture.h"
#include "decoders.h"

namespace clipcls {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kEntriesAt = 6;
constexpr std::size_t kEntrySize = 16;

/// An entry of the table of pictures.
struct IconEntry {
  unsigned width = 0;  ///< 0: 256
  unsigned height = 0;
  unsigned num_colors = 0;
  unsigned bits = 0;  ///< in cursors this is something else
  std::size_t size = 0;
  std::size_t at = 0;
};

/// The table. Throws kBrokenImage where it is empty or cut.
std::vector<IconEntry> read_entries(std::string_view format, Bytes bytes) {
  const std::size_t count = read_u16_le(bytes, 4);
  if (bytes.size() < kEntriesAt + count * kEntrySize) throw_broken(format, kFileEndsEarly);
  std::vector<IconEntry> entries;
  for (std::size_t at = kEntriesAt; at < kEntriesAt + count * kEntrySize; at += kEntrySize) {
    entries.push_back({bytes[at], bytes[at + 1], bytes[at + 2], read_u16_le(bytes, at + 6),
                       read_u32_le(bytes, at + 8), read_u32_le(bytes, at + 12)});
  }
  return entries;
}

bool has_table(Bytes bytes, std::string_view signature) {
  // A table of so many entries is another file: TGA begins as cursors do, and films may as icons do.
  constexpr std::size_t kMaxEntries = 1000;
  if (!starts_with(bytes, signature) || bytes.size() < kEntriesAt + kEntrySize) return false;
  const std::size_t count = read_u16_le(bytes, 4);
  const std::size_t first_at = read_u32_le(bytes, kEntriesAt + 12);
  return count > 0 && count <= kMaxEntries && first_at >= kEntriesAt + count * kEntrySize;
}

int side_of(unsigned byte) { return static_cast<int>(byte == 0 ? 256 : byte); }

/// Pillow's order: the largest first, of these the one of the fewest colours, of these the first.
void sort_icons(std::vector<IconEntry>& entries) {
  std::ranges::stable_sort(entries, {}, [](const IconEntry& entry) {
    const unsigned color_bits =
        entry.num_colors == 0 ? 0 : static_cast<unsigned>(std::bit_width(entry.num_colors - 1));
    const unsigned depth = entry.bits != 0 ? entry.bits : color_bits != 0 ? color_bits : 256;
    return std::tuple(-side_of(entry.width) * side_of(entry.height), depth);
  });
}

/// Pillow's choice first: both sides are greater than those of the ones before. Then the others, the largest
/// first.
void sort_cursors(std::vector<IconEntry>& entries) {
  auto largest = entries.begin();
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    if (entry->width > largest->width && entry->height > largest->height) largest = entry;
  }
  std::rotate(entries.begin(), largest, largest + 1);
  std::stable_sort(entries.begin() + 1, entries.end(), [](const IconEntry& a, const IconEntry& b) {
    return side_of(a.width) * side_of(a.height) > side_of(b.width) * side_of(b.height);
  });
}

const IconEntry& entry_of_page(std::string_view format, const std::vector<IconEntry>& sorted,
                               const DecodeOptions& options) {
  const auto page = static_cast<std::size_t>(options.page);
  if (page > sorted.size()) throw_no_page(format, static_cast<std::int64_t>(sorted.size()), options);
  return sorted[page - 1];
}

/// A PNG file inside; nothing around it says how to turn it.
DecodedImage decode_inner_png(Bytes png, const DecodeOptions& options) {
  DecodeOptions of_one = options;
  of_one.page = 1;  // that of the table has been found
  DecodedImage decoded = decode_png(png, of_one);
  decoded.orientation = 1;
  return decoded;
}

/// The bitmap at `at`, whose header counts the rows of its mask as well.
BmpPicture read_icon_header(std::string_view format, Bytes bytes, std::size_t at,
                            const DecodeOptions& options) {
  BmpPicture picture = read_bmp_header(format, bytes, at);
  picture.height /= 2;
  check_size(format, picture.width, picture.height, options);
  return picture;
}

/// Every fourth byte of the pixels, bottom row first, whatever they are.
std::vector<std::uint8_t> fourth_bytes(const BmpPicture& picture, Bytes bytes) {
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  const Bytes pixels = bytes.subspan(std::min(picture.pixels_at, bytes.size()));
  if (pixels.size() / 4 < width * height) throw_broken(picture.format, kFileEndsEarly);
  std::vector<std::uint8_t> alpha;
  alpha.reserve(width * height);
  for (std::size_t y = height; y-- > 0;) {
    for (std::size_t x = 0; x < width; ++x) alpha.push_back(pixels[(y * width + x) * 4 + 3]);
  }
  return alpha;
}

/// The mask at the end of the entry, bottom row first; a bit is set where nothing is to be seen.
std::vector<std::uint8_t> mask_bits(const BmpPicture& picture, const IconEntry& entry, Bytes bytes) {
  const auto width = static_cast<std::size_t>(picture.width);
  const auto height = static_cast<std::size_t>(picture.height);
  const std::size_t stride = (width + 31) / 32 * 4;
  const std::size_t end = entry.at + entry.size;
  if (end > bytes.size() || end < stride * height) throw_broken(picture.format, kFileEndsEarly);
  const Bytes mask = bytes.subspan(end - stride * height, stride * height);
  std::vector<std::uint8_t> alpha;
  alpha.reserve(width * height);
  for (std::size_t y = height; y-- > 0;) {
    for (std::size_t x = 0; x < width; ++x)
      alpha.push_back((mask[y * stride + x / 8] >> (7 - x % 8) & 1) != 0 ? 0 : 255);
  }
  return alpha;
}

/// Pillow reads the mask of greys as greys behind the picture, also where it is of one bit; what it hides is
/// black. Nothing where the file has no such mask.
std::optional<DecodedImage> read_grey_cursor(BmpPicture picture, Bytes bytes) {
  picture.height *= 2;
  const std::size_t stride = (static_cast<std::size_t>(picture.width) * picture.bits + 31) / 32 * 4;
  const std::size_t rest = bytes.size() - std::min(picture.pixels_at, bytes.size());
  if (picture.bits == 8 && rest < stride * static_cast<std::size_t>(picture.height)) return std::nullopt;
  const DecodedImage both = read_bmp_pixels(picture, bytes);
  DecodedImage decoded{RgbImage(both.image.width, both.image.height / 2)};
  const std::size_t size = decoded.image.pixels.size();
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned shown = 255U - both.image.pixels[i];
    const unsigned product = both.image.pixels[size + i] * shown + 128;
    decoded.image.pixels[i] = static_cast<std::uint8_t>(((product >> 8) + product) >> 8);
    if (i % 3 == 0) decoded.alpha.push_back(static_cast<std::uint8_t>(shown));
  }
  return decoded;
}

}  // namespace

bool is_icon(Bytes bytes) { return has_table(bytes, "\0\0\1\0"sv); }
bool is_cursor(Bytes bytes) { return has_table(bytes, "\0\0\2\0"sv); }

DecodedImage decode_icon(Bytes bytes, const DecodeOptions& options) {
  std::vector<IconEntry> entries = read_entries("ICO", bytes);
  sort_icons(entries);
  const IconEntry& entry = entry_of_page("ICO", entries, options);
  const Bytes content = bytes.subspan(std::min(entry.at, bytes.size()));
  if (is_png(content)) return decode_inner_png(content, options);
  const BmpPicture picture = read_icon_header("ICO", bytes, entry.at, options);
  DecodedImage decoded = read_bmp_pixels(picture, bytes);
  decoded.alpha = entry.bits == 32 ? fourth_bytes(picture, bytes) : mask_bits(picture, entry, bytes);
  return decoded;
}

DecodedImage decode_cursor(Bytes bytes, const DecodeOptions& options) {
  std::vector<IconEntry> entries = read_entries("CUR", bytes);
  sort_cursors(entries);
  const IconEntry& entry = entry_of_page("CUR", entries, options);
  const Bytes content = bytes.subspan(std::min(entry.at, bytes.size()));
  if (is_png(content)) return decode_inner_png(content, options);
  BmpPicture picture = read_icon_header("CUR", bytes, entry.at, options);
  // Pillow takes the fourth byte for alpha where the only picture follows the table.
  constexpr std::size_t kBehindOneEntry = kEntriesAt + kEntrySize;
  if (picture.bits == 32 && picture.compression == 0 && entry.at == kBehindOneEntry)
    picture.masks.alpha = 0xFF000000;
  if (has_greys(picture, bytes)) {
    if (std::optional<DecodedImage> decoded = read_grey_cursor(picture, bytes)) return std::move(*decoded);
  }
  return read_bmp_pixels(picture, bytes);
}

}  // namespace clipcls
