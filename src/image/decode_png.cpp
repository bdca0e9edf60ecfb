// stb_image decodes the pixels; the chunks are walked here first, for what stb passes over: checksums, the
// end of the file, and orientation.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "decoders.h"
#include "exif.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr std::string_view kPng = "PNG";
constexpr std::size_t kSignatureSize = 8;
constexpr std::size_t kChunkOverhead = 12;  // length, name, checksum

struct PngChunks {
  int bit_depth = 0;
  int color_type = 0;
  Bytes exif;
  Bytes xmp;
};

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t n = 0; n < table.size(); ++n) {
    std::uint32_t c = n;
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

// An uncompressed iTXt chunk with the keyword that XMP has: keyword, two flag bytes, two more strings, the
// packet.
Bytes xmp_of(Bytes text) {
  constexpr std::string_view kKeyword("XML:com.adobe.xmp\0\0", 19);
  return starts_with(text, kKeyword) ? text.subspan(kKeyword.size()) : Bytes{};
}

PngChunks read_chunks(Bytes bytes) {
  PngChunks chunks;
  std::size_t at = kSignatureSize;
  for (bool first = true;; first = false) {
    if (bytes.size() - at < kChunkOverhead) throw_broken(kPng, "the file ends before the picture does");
    const std::size_t length = read_u32_be(bytes, at);
    if (length > bytes.size() - at - kChunkOverhead)
      throw_broken(kPng, "the file ends before the picture does");
    const Bytes name = bytes.subspan(at + 4, 4);
    const Bytes data = bytes.subspan(at + 8, length);
    const bool critical = (name[0] & 0x20) == 0;
    if (critical && crc32(bytes.subspan(at + 4, length + 4)) != read_u32_be(bytes, at + 8 + length)) {
      throw_broken(kPng, "the chunk at byte " + std::to_string(at) + " does not fit its checksum");
    }
    if (first) {
      if (!starts_with(name, "IHDR") || length != 13) throw_broken(kPng, "it does not begin with its header");
      chunks.bit_depth = data[8];
      chunks.color_type = data[9];
    }
    if (starts_with(name, "eXIf")) chunks.exif = data;
    if (starts_with(name, "iTXt") && chunks.xmp.empty()) chunks.xmp = xmp_of(data);
    if (starts_with(name, "IEND")) return chunks;
    at += kChunkOverhead + length;
  }
}

// stb takes 2^30 bytes of pixels, in the channels that the file has.
void require_size_for_stb(std::int64_t width, std::int64_t height, int color_type) {
  constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;
  constexpr std::array<int, 7> kNumChannels = {1, 1, 3, 4, 2, 1, 4};
  const int num_channels = kNumChannels.at(static_cast<std::size_t>(std::clamp(color_type, 0, 6)));
  if (width <= 0 || height <= 0 || kMaxBytes / width / num_channels >= height) return;
  throw Error(ErrorKind::kTooLarge, "the PNG picture is " + std::to_string(width) + " x " +
                                        std::to_string(height) + " pixels; the decoder takes " +
                                        std::to_string(kMaxBytes / num_channels / 1'000'000) +
                                        " megapixels of its kind, whatever --max-megapixels says");
}

// Pillow opens 16-bit grey as "I;16" and clips it to 8 bit, so everything from 255 on is white. Scaling it
// would look better and give other features than Python's.
Image decode_gray16(Bytes bytes, const DecodeOptions& options) {
  const Gray16Image gray = decode_gray16_with_stb(kPng, bytes, options);
  Image image(gray.width, gray.height);
  std::uint8_t* to = image.pixels.data();
  for (const std::uint16_t value : gray.pixels) {
    const auto clipped = static_cast<std::uint8_t>(value < 255 ? value : 255);
    for (int c = 0; c < 3; ++c) *to++ = clipped;
  }
  return image;
}

}  // namespace

DecodedImage decode_png(Bytes bytes, const DecodeOptions& options) {
  constexpr std::size_t kSizeEnd = kSignatureSize + 16;
  if (bytes.size() > kSizeEnd + 1) {
    const std::int64_t width = read_u32_be(bytes, 16);
    const std::int64_t height = read_u32_be(bytes, 20);
    require_size_for_stb(width, height, bytes[kSizeEnd + 1]);
    check_size(kPng, width, height, options);
  }
  const PngChunks chunks = read_chunks(bytes);
  const bool gray16 = chunks.bit_depth == 16 && chunks.color_type == 0;
  DecodedImage decoded;
  decoded.orientation = read_orientation(chunks.exif, chunks.xmp);
  decoded.image = gray16 ? decode_gray16(bytes, options) : decode_with_stb(kPng, bytes, options);
  return decoded;
}

}  // namespace clipcls
