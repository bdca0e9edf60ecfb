// A camera's raw file is shown by the largest JPEG inside it, as the camera itself shows it; nothing is
// developed from the sensor's values.
#include <algorithm>
#include <optional>
#include <string_view>

#include "decoders.h"
#include "raw_directories.h"

namespace clipcls {
namespace {

constexpr std::string_view kRaw = "camera raw";
constexpr std::string_view kFujiSignature = "FUJIFILMCCD-RAW ";

/// Fujifilm's file begins with a table of its own, whose offsets have the highest byte first.
RawDirectories read_fuji_table(Bytes bytes) {
  constexpr std::size_t kPreviewAt = 84;
  RawDirectories result;
  result.is_raw = true;
  result.is_cut = bytes.size() < kPreviewAt + 8;
  if (!result.is_cut)
    result.previews.push_back({read_u32_be(bytes, kPreviewAt), read_u32_be(bytes, kPreviewAt + 4)});
  return result;
}

RawDirectories read_directories(Bytes bytes) {
  if (starts_with(bytes, kFujiSignature)) return read_fuji_table(bytes);
  const RawDirectories boxes = read_raw_boxes(bytes);
  return boxes.is_raw ? boxes : read_raw_directories(bytes);
}

enum class JpegKind { kPicture, kOther, kCut };

/// The sensor's values are often a JPEG themselves, a lossless one. The frame header tells.
JpegKind jpeg_kind(Bytes bytes) {
  if (bytes.size() < 3) return JpegKind::kCut;
  if (!starts_with(bytes, "\xFF\xD8\xFF")) return JpegKind::kOther;
  constexpr unsigned kHuffmanTables = 0xC4;
  constexpr unsigned kArithmeticTables = 0xCC;
  std::size_t at = 2;
  while (at + 5 <= bytes.size()) {  // 0xFF, marker, length (2), and the first byte of what is in it
    if (bytes[at] != 0xFF) return JpegKind::kOther;
    const unsigned marker = bytes[at + 1];
    if (marker == 0xFF) {  // fills up
      ++at;
    } else if (marker >= 0xC0 && marker <= 0xCF && marker != kHuffmanTables && marker != kArithmeticTables) {
      // Baseline, extended and progressive, of 8 bits.
      return marker <= 0xC2 && bytes[at + 4] == 8 ? JpegKind::kPicture : JpegKind::kOther;
    } else if (marker < 0xC0 || (marker >= 0xD0 && marker <= 0xDA)) {
      return JpegKind::kOther;
    } else {
      at += 2 + std::size_t{read_u16_be(bytes, at + 2)};
    }
  }
  return JpegKind::kCut;
}

/// The largest preview. Throws kBrokenImage where it is not all in the file, unless `may_be_cut`,
/// kUnsupportedFormat where there is none.
Bytes find_preview(Bytes bytes, RawDirectories& directories, bool may_be_cut) {
  bool is_any_cut = directories.is_cut;
  std::ranges::sort(directories.previews, std::ranges::greater(), &FilePart::size);
  for (const auto& [at, size] : directories.previews) {
    const Bytes rest = bytes.subspan(std::min(at, bytes.size()));
    const Bytes preview = rest.first(std::min(size, rest.size()));
    const JpegKind kind = jpeg_kind(preview);
    if (kind == JpegKind::kOther) continue;
    if (rest.size() < size && !may_be_cut) throw_broken(kRaw, kFileEndsEarly);
    is_any_cut = is_any_cut || rest.size() < size;
    if (kind == JpegKind::kPicture) return preview;
  }
  if (is_any_cut) throw_broken(kRaw, kFileEndsEarly);
  throw Error(
      ErrorKind::kUnsupportedFormat,
      "this is a camera raw file without a JPEG preview, and its sensor's values are not developed here");
}

}  // namespace

bool is_raw_photo(Bytes bytes) { return read_directories(bytes).is_raw; }

DecodedImage decode_raw(Bytes bytes, const DecodeOptions& options) {
  RawDirectories directories = read_directories(bytes);
  DecodedImage decoded = decode_jpeg(find_preview(bytes, directories, options.accepts_truncated), options);
  // Previews seldom say how the camera was held. Where the file does, it knows.
  if (directories.orientation != 0) decoded.orientation = directories.orientation;
  return decoded;
}

}  // namespace clipcls
