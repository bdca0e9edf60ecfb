#include "fuzzer.h"
#include "image/decode/decoders.h"
#include "image/decode_image.h"

namespace clipcls {
namespace {

// Small, so that a header that lies about its size meets the limit and not the fuzzer's patience. The memory
// limit that scripts/fuzz sets is a few times what this many pixels take: a decoder that takes memory first
// is found.
constexpr double kMaxMegapixels = 1.0;
constexpr int kDraftSide = 32;

void decode(std::span<const std::uint8_t> input, const DecodeOptions& options) {
  try {
    DecodeNotes notes;
    const RgbImage image = decode_image(input, options, &notes);
    require(image.width > 0 && image.height > 0, "a picture has pixels");
    const auto num_pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    require(static_cast<double>(num_pixels) <= kMaxMegapixels * 1e6, "no more pixels than the limit allows");
    require(image.pixels.size() == num_pixels * 3, "three bytes a pixel");
  } catch (const Error& error) {
    require((error.kind() == ErrorKind::kNotFound && options.page > 1) ||
                error.kind() == ErrorKind::kNotAnImage || error.kind() == ErrorKind::kUnsupportedFormat ||
                error.kind() == ErrorKind::kBrokenImage || error.kind() == ErrorKind::kTooLarge,
            "a picture is refused as no image, no such page, broken or too large");
  }
}

/// A PNG file whose chunks have the checksums that they should have: mutations would stop at them.
std::vector<std::uint8_t> with_right_checksums(std::span<const std::uint8_t> png) {
  std::vector<std::uint8_t> result(png.begin(), png.end());
  std::size_t at = 8;  // behind the signature; a chunk is length, type, data, checksum
  while (at + 12 <= result.size()) {
    const std::uint64_t length = read_u32_be(result, at);
    if (length > result.size() - at - 12) break;
    std::uint32_t checksum = ~0U;
    for (std::size_t i = at + 4; i < at + 8 + length; ++i) {
      checksum ^= result[i];
      for (int bit = 0; bit < 8; ++bit) checksum = checksum >> 1U ^ ((checksum & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    at += 8 + length;
    for (int shift = 24; shift >= 0; shift -= 8) result[at++] = static_cast<std::uint8_t>(~checksum >> shift);
  }
  return result;
}

}  // namespace

CLIPCLS_FUZZ_TARGET(decode_image) {
  const std::span<const std::uint8_t> input(data, size);
  DecodeOptions options;
  options.max_megapixels = kMaxMegapixels;
  if (size % 2 == 1) options.background = {{255, 255, 255}};
  options.deep_gray = static_cast<DeepGray>(size % 3);
  options.accepts_truncated = size % 4 < 2;
  decode(input, options);
  DecodeOptions later = options;
  later.page = static_cast<int>(2 + size % 3);
  decode(input, later);
  if (starts_with(input, "\x89PNG\r\n\x1A\n")) {
    decode(with_right_checksums(input), options);
    decode(with_right_checksums(input), later);
  }
  if (starts_with(input, "\xFF\xD8")) {
    options.draft_side = kDraftSide;
    options.apply_exif_rotation = false;
    decode(input, options);
  }
  return 0;
}

}  // namespace clipcls
