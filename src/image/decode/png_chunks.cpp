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

/// Keeps what an acTL, fcTL or fdAT chunk says of the frames.
void read_animation_chunk(const Chunk& chunk, PngChunks& chunks) {
  if (chunk.name == "acTL" && chunks.data.empty()) {
    // A number that cannot be, or a second one: as without any, as in Pillow.
    const std::uint32_t count = chunk.data.size() < 8 ? 0 : read_u32_be(chunk.data, 0);
    chunks.num_frames = chunks.num_frames == 0 && count <= 0x80000000U ? count : 0;
  } else if (chunk.name == "fcTL") {
    chunks.has_default_picture =
        chunks.has_default_picture || (chunks.frames.empty() && !chunks.data.empty());
    chunks.frames.push_back({chunk.data, {}});
  } else if (chunk.name == "fdAT" && !chunks.frames.empty()) {
    chunks.frames.back().data.push_back(chunk.data);
  }
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

}  // namespace

PngChunks read_png_chunks(Bytes bytes, bool reads_frames) {
  PngChunks chunks;
  std::size_t at = kPngSignature.size();
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
    // The end of the first frame: what follows does not count for it, and may be damaged.
    if (chunk->name == "fcTL" && !reads_frames && chunks.has_animation() && !chunks.data.empty()) break;
    // IHDR comes first, and all else is read by what it says.
    if (chunk->name == "CgBI" && chunks.header.empty()) {
      chunks.is_crushed = true;
    } else if (chunks.header.empty()) {
      read_header(*chunk, chunks);
    }
    if (is_end) break;
    if (is_data) chunks.data.push_back(chunk->data);
    if (chunk->name == "PLTE") chunks.palette = chunk->data;
    if (chunk->name == "tRNS") chunks.transparency = chunk->data;
    if (chunk->name == "eXIf") chunks.exif = chunk->data;
    if (chunk->name == "tEXt" || chunk->name == "zTXt" || chunk->name == "iTXt")
      read_text_chunk(*chunk, chunks);
    read_animation_chunk(*chunk, chunks);
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

}  // namespace clipcls
