#include "png_chunks.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string>

#include "exif.h"
#include "inflate.h"

namespace clipcls {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";
constexpr std::size_t kMaxText = std::size_t{1} << 20;  // Pillow's own limit of an unpacked text

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t n = 0; n < table.size(); ++n) {
    std::uint32_t c = n;
    // The CRC-32 of the PNG specification, annex D, with its polynomial reversed.
    for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? 0xEDB88320U ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  return table;
}

std::uint32_t crc32(Bytes bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_crc_table();
  std::uint32_t c = 0xFFFFFFFFU;
  for (const std::uint8_t byte : bytes) c = kTable[(c ^ byte) & 0xFF] ^ (c >> 8);
  return ~c;
}

// A chunk is a length (4), a name (4), so many bytes of data, and a CRC-32 (4) of name and data.
struct Chunk {
  std::size_t at = 0;  ///< in the file
  std::string_view name;
  Bytes data;
  bool is_cut = false;             ///< the file ends in its data
  bool has_checksum = false;       ///< all four bytes
  bool fits_its_checksum = false;  ///< false where there is none
  // PNG's rule: a capital first letter marks a chunk that a decoder must understand.
  bool is_critical() const { return (name[0] & 0x20) == 0; }
};

/// The chunk at `at`; nothing where the file ends before its data or no name is there.
std::optional<Chunk> read_chunk(Bytes bytes, std::size_t at) {
  constexpr std::size_t kDataAt = 8;  // behind length and name
  if (bytes.size() - at < kDataAt) return std::nullopt;
  const std::size_t length = read_u32_be(bytes, at);
  const Bytes rest = bytes.subspan(at + kDataAt);
  Chunk chunk;
  chunk.at = at;
  chunk.name = {reinterpret_cast<const char*>(bytes.data()) + at + 4, 4};
  if (!std::ranges::all_of(chunk.name,
                           [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }))
    return std::nullopt;
  chunk.data = rest.first(std::min(length, rest.size()));
  chunk.is_cut = length > rest.size();
  chunk.has_checksum = !chunk.is_cut && rest.size() - length >= 4;
  chunk.fits_its_checksum =
      chunk.has_checksum && crc32(bytes.subspan(at + 4, length + 4)) == read_u32_be(rest, length);
  return chunk;
}

/// Takes the text up to the next NUL byte, and that byte, off `rest`; nothing where there is none.
std::optional<std::string_view> take_text(Bytes& rest) {
  const auto end = std::ranges::find(rest, 0);
  if (end == rest.end()) return std::nullopt;
  const auto length = static_cast<std::size_t>(end - rest.begin());
  const std::string_view text(reinterpret_cast<const char*>(rest.data()), length);
  rest = rest.subspan(length + 1);
  return text;
}

/// Keeps what a tEXt, zTXt or iTXt chunk says of the orientation.
void read_text_chunk(const Chunk& chunk, PngChunks& chunks) {
  Bytes rest = chunk.data;
  const std::optional<std::string_view> keyword = take_text(rest);
  if (!keyword) return;
  bool is_packed = chunk.name == "zTXt";
  if (is_packed) {  // a byte that names zlib
    // Damaged text is passed over in silence: it costs the orientation and not the picture.
    if (rest.empty() || rest[0] != 0) return;
    rest = rest.subspan(1);
  } else if (chunk.name ==
             "iTXt") {  // whether it is packed, a byte that names zlib, language, translated keyword
    if (rest.size() < 2) return;
    is_packed = rest[0] != 0;
    if (is_packed && rest[1] != 0) return;
    rest = rest.subspan(2);
    if (!take_text(rest) || !take_text(rest)) return;
  }
  if (*keyword == "XML:com.adobe.xmp") {
    chunks.xmp = rest;
    chunks.is_xmp_packed = is_packed;
  } else if (*keyword == "exif" && chunk.name == "tEXt") {
    chunks.exif = rest;
  } else if (*keyword == "Raw profile type exif") {
    chunks.raw_profile = rest;
    chunks.is_raw_profile_packed = is_packed;
  }
}

void read_header(const Chunk& chunk, PngChunks& chunks) {
  if (chunk.name != "IHDR" || chunk.data.size() != 13)
    throw_broken(kPng, "it does not begin with its header");
  chunks.header = chunk.data;
  chunks.width = read_u32_be(chunk.data, 0);
  chunks.height = read_u32_be(chunk.data, 4);
  chunks.bit_depth = chunk.data[8];
  chunks.color_type = chunk.data[9];
  chunks.is_interlaced = chunk.data[12] != 0;
}

int digit_of(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = std::tolower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// The bytes of a raw profile: an empty line, its kind, its length, and lines of hexadecimal digits. Empty
/// where it is damaged.
std::vector<std::uint8_t> read_raw_profile(Bytes text) {
  for (int line = 0; line < 3; ++line) {
    const auto end = std::ranges::find(text, '\n');
    if (end == text.end()) return {};
    text = text.subspan(static_cast<std::size_t>(end - text.begin()) + 1);
  }
  std::vector<std::uint8_t> profile;
  // The first digit of a pair; -1 between pairs. Line ends may split a pair.
  int high = -1;
  for (const std::uint8_t c : text) {
    if (std::isspace(c) != 0) continue;
    const int digit = digit_of(c);
    if (digit < 0) return {};
    if (high >= 0) profile.push_back(static_cast<std::uint8_t>(high * 16 + digit));
    high = high >= 0 ? -1 : digit;
  }
  return profile;
}

std::vector<std::uint8_t> unpacked(Bytes text, bool is_packed) {
  if (is_packed) return inflate_at_most(text, kMaxText).value_or(std::vector<std::uint8_t>());
  return {text.begin(), text.end()};
}

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

void add_chunk(std::vector<std::uint8_t>& file, std::string_view name, Bytes data) {
  for (int shift = 24; shift >= 0; shift -= 8)
    file.push_back(static_cast<std::uint8_t>(data.size() >> shift));
  file.insert(file.end(), name.begin(), name.end());
  file.insert(file.end(), data.begin(), data.end());
  file.insert(file.end(), 4, 0);  // stb looks at no checksum
}

}  // namespace

PngChunks read_png_chunks(Bytes bytes) {
  PngChunks chunks;
  std::size_t at = kSignature.size();
  for (;;) {
    // No end: the file breaks off, or what follows is no chunk. Whether the pixels are whole is seen later.
    const std::optional<Chunk> chunk = read_chunk(bytes, at);
    if (!chunk) {
      chunks.is_whole = false;
      break;
    }
    const bool is_data = chunk->name == "IDAT";
    const bool is_end = chunk->name == "IEND";
    if (is_data || is_end) {
      // Pixels may be damaged here: inflate will tell. All other chunks that count must be sound.
      chunks.is_whole = chunks.is_whole && (is_end ? chunk->has_checksum : chunk->fits_its_checksum);
    } else if (chunk->is_cut) {
      throw_broken(kPng, kFileEndsEarly);
    } else if (chunks.data.empty() && chunk->is_critical() && !chunk->fits_its_checksum) {
      throw_broken(kPng, "the chunk at byte " + std::to_string(at) + " does not fit its checksum");
    }
    // IHDR comes first, and all else is read by what it says.
    if (chunks.header.empty()) read_header(*chunk, chunks);
    if (is_end) break;
    if (is_data) chunks.data.push_back(chunk->data);
    if (chunk->name == "PLTE") chunks.palette = chunk->data;
    if (chunk->name == "tRNS") chunks.transparency = chunk->data;
    if (chunk->name == "eXIf") chunks.exif = chunk->data;
    if (chunk->name == "tEXt" || chunk->name == "zTXt" || chunk->name == "iTXt")
      read_text_chunk(*chunk, chunks);
    // Cut off within the checksum: there is nothing behind.
    if (!chunk->has_checksum) {
      chunks.is_whole = false;
      break;
    }
    at += chunk->data.size() + 12;
  }
  if (chunks.data.empty()) throw_broken(kPng, kFileEndsEarly);
  return chunks;
}

int read_png_orientation(const PngChunks& chunks) {
  const std::vector<std::uint8_t> xmp = unpacked(chunks.xmp, chunks.is_xmp_packed);
  // A chunk with EXIF counts before ImageMagick's text, as in Pillow.
  if (!chunks.exif.empty()) return read_orientation(chunks.exif, xmp);
  return read_orientation(read_raw_profile(unpacked(chunks.raw_profile, chunks.is_raw_profile_packed)), xmp);
}

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
  const InflateOutcome outcome = inflate_exactly(packed, rows, &num_bytes);
  const std::size_t sound = size_of_sound_rows(layout, Bytes(rows).first(num_bytes));
  const bool is_whole = outcome == InflateOutcome::kWhole && sound == size;
  if (!is_whole && (!accepts_truncated || sound == 0))
    throw_broken(kPng, outcome == InflateOutcome::kEndsEarly ? kFileEndsEarly : "its data is damaged");
  std::fill(rows.begin() + static_cast<std::ptrdiff_t>(sound), rows.end(), std::uint8_t{0});
  // Only the chunks that decide about pixels are written again, with the rows stored unpacked.
  std::vector<std::uint8_t> file(kSignature.begin(), kSignature.end());
  add_chunk(file, "IHDR", chunks.header);
  if (!chunks.palette.empty()) add_chunk(file, "PLTE", chunks.palette);
  if (!chunks.transparency.empty()) add_chunk(file, "tRNS", chunks.transparency);
  add_chunk(file, "IDAT", store_as_zlib(rows));
  add_chunk(file, "IEND", {});
  return {std::move(file), !is_whole};
}

}  // namespace clipcls
