// stb_image decodes the pixels; the chunks are walked first, for what stb passes over: checksums, the end of
// the file, and orientation.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "apng.h"
#include "decoders.h"
#include "deep_gray.h"
#include "png_chunks.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

using namespace std::string_view_literals;

// stb takes 2^30 bytes of pixels, in the channels that the file has.
void require_size_for_stb(std::int64_t width, std::int64_t height, int color_type) {
  constexpr std::int64_t kMaxBytes = std::int64_t{1} << 30;
  constexpr std::array<int, 7> kNumChannels = {1, 1, 3, 4, 2, 1, 4};
  const int num_channels = kNumChannels.at(static_cast<std::size_t>(std::clamp(color_type, 0, 6)));
  if (width <= 0 || height <= 0 || kMaxBytes / width / num_channels >= height) return;
  throw Error(ErrorKind::kTooLarge, "the PNG picture is " + std::to_string(width) + " x " +
                                        std::to_string(height) + " pixels; the decoder takes " +
                                        std::to_string(kMaxBytes / num_channels / 1'000'000) +
                                        " megapixels of its kind, whatever `max_megapixels` says");
}

DecodedImage decode_gray16(Bytes bytes, const DecodeOptions& options) {
  const Gray16Image gray = decode_gray16_with_stb(kPng, bytes, options);
  DecodedImage decoded{RgbImage(gray.width, gray.height)};
  draw_deep_gray(
      options.deep_gray, {0, 65535}, [&](std::size_t i) { return static_cast<double>(gray.pixels[i]); },
      decoded);
  return decoded;
}

DecodedImage decode_pixels(const PngChunks& chunks, Bytes bytes, const DecodeOptions& options) {
  if (chunks.bit_depth == 16 && chunks.color_type == 0) return decode_gray16(bytes, options);
  if (chunks.has_alpha()) return decode_alpha_with_stb(kPng, bytes, options);
  return {decode_with_stb(kPng, bytes, options)};
}

// What stb refuses may still have all its pixels: an end that is missing, a stream without its checksum, a
// chunk of an unknown kind.
DecodedImage decode_or_repair(const PngChunks& chunks, Bytes bytes, const DecodeOptions& options) {
  // stb first, as nearly every file is whole; the repair costs an unpacked copy of the picture.
  if (chunks.is_whole && !chunks.is_crushed) {
    try {
      return decode_pixels(chunks, bytes, options);
    } catch (const Error& error) {
      // A picture that is too large stays too large after a repair.
      if (error.kind() != ErrorKind::kBrokenImage) throw;
    }
  }
  const RepairedPng repaired = repair_png(chunks, options.accepts_truncated);
  DecodedImage decoded = decode_pixels(chunks, repaired.file, options);
  decoded.is_truncated = repaired.is_truncated;
  return decoded;
}

/// Makes colours of what Xcode has made of them for the iPhone's screen: those of RGB and RGBA begin with
/// blue, and of RGBA they are multiplied by alpha. Divided, they are the nearest whole numbers; where alpha
/// is 0 they stay 0.
void undo_crushing(const PngChunks& chunks, DecodedImage& decoded) {
  constexpr int kColors = 2;  // a bit of the colour type
  if ((chunks.color_type & kColors) == 0 || chunks.color_type == 3) return;
  std::uint8_t* pixel = decoded.image.pixels.data();
  for (std::size_t i = 0; i < decoded.image.pixels.size() / 3; ++i, pixel += 3) {
    std::swap(pixel[0], pixel[2]);
    const unsigned alpha = chunks.color_type == 6 ? decoded.alpha[i] : 255;
    if (alpha == 0 || alpha == 255) continue;
    for (std::size_t c = 0; c < 3; ++c)
      pixel[c] = static_cast<std::uint8_t>(std::min((pixel[c] * 255U + alpha / 2) / alpha, 255U));
  }
}

}  // namespace

DecodedImage decode_png(Bytes bytes, const DecodeOptions& options) {
  // IHDR is the first chunk at a fixed place: length and name at 8, width at 16, height at 20, bit depth at
  // 24, colour type at 25. It is read before the chunks are walked, so that a file that is cut off and too
  // large is told that it is too large.
  constexpr std::size_t kColorTypeAt = 25;
  Bytes header = bytes;
  // Xcode puts a chunk of four bytes before it.
  if (bytes.size() > 16 && starts_with(bytes.subspan(8), "\0\0\0\4CgBI"sv)) header = bytes.subspan(16);
  if (header.size() > kColorTypeAt) {
    const std::int64_t width = read_u32_be(header, 16);
    const std::int64_t height = read_u32_be(header, 20);
    require_size_for_stb(width, height, header[kColorTypeAt]);
    check_size(kPng, width, height, options);
  }
  const PngChunks chunks = read_png_chunks(bytes, options.page > 1);
  DecodedImage decoded =
      options.page > 1 ? decode_apng_page(chunks, options) : decode_or_repair(chunks, bytes, options);
  if (chunks.is_crushed) undo_crushing(chunks, decoded);
  decoded.orientation = read_png_orientation(chunks);
  return decoded;
}

}  // namespace clipcls
