// stb_image unpacks the composite, three channels at a time: it would mix alpha into the colours, while
// Pillow leaves them as they are.
#include <string>
#include <vector>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr std::string_view kPsd = "PSD";
constexpr std::size_t kNumChannelsAt = 12;
constexpr std::size_t kDepthAt = 22;
constexpr std::size_t kHeaderSize = 26;

/// Where the composite begins: behind colour table, resources and layers.
std::size_t find_composite(Bytes bytes) {
  std::size_t at = kHeaderSize;
  for (int section = 0; section < 3; ++section) {
    if (bytes.size() - at < 4) throw_broken(kPsd, kFileEndsEarly);
    const std::size_t length = read_u32_be(bytes, at);
    if (bytes.size() - at - 4 < length) throw_broken(kPsd, kFileEndsEarly);
    at += 4 + length;
  }
  if (bytes.size() - at < 2) throw_broken(kPsd, kFileEndsEarly);
  return at;
}

/// The bytes of the channels before `first`, in a composite whose channels follow each other.
std::size_t size_before(Bytes bytes, Bytes row_lengths, std::size_t first) {
  const std::size_t height = read_u32_be(bytes, 14);
  // Without packing all channels are of one size: height, width and bytes a sample out of the file's header.
  if (row_lengths.empty())
    return first * height * read_u32_be(bytes, 18) * (read_u16_be(bytes, kDepthAt) / 8);
  std::size_t size = 0;
  for (std::size_t row = 0; row < first * height; ++row) size += read_u16_be(row_lengths, row * 2);
  return size;
}

/// The file with the channels from `first` on alone, `count` of them. Packed rows have a table of their
/// lengths in front, two bytes a row of each channel.
std::vector<std::uint8_t> with_channels(Bytes bytes, std::size_t first, std::size_t count) {
  const std::size_t composite = find_composite(bytes);
  const std::size_t num_channels = read_u16_be(bytes, kNumChannelsAt);
  const std::size_t channel_lengths = std::size_t{2} * read_u32_be(bytes, 14);
  // The composite begins with two bytes: 0 for plain samples, 1 for PackBits a row.
  Bytes rest = bytes.subspan(composite + 2);
  Bytes row_lengths;
  if (read_u16_be(bytes, composite) == 1) {
    if (rest.size() / num_channels < channel_lengths) throw_broken(kPsd, "its table of rows is cut off");
    row_lengths = rest.first(num_channels * channel_lengths);
    rest = rest.subspan(row_lengths.size());
  }
  const std::size_t skipped = size_before(bytes, row_lengths, first);
  if (rest.size() < skipped) throw_broken(kPsd, kFileEndsEarly);
  rest = rest.subspan(skipped);

  std::vector<std::uint8_t> edited(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(composite + 2));
  // stb is given a file that has these channels and no others, so it reads no alpha and mixes nothing.
  edited[kNumChannelsAt] = 0;
  edited[kNumChannelsAt + 1] = static_cast<std::uint8_t>(count);
  if (!row_lengths.empty()) {
    const Bytes kept = row_lengths.subspan(first * channel_lengths, count * channel_lengths);
    edited.insert(edited.end(), kept.begin(), kept.end());
  }
  edited.insert(edited.end(), rest.begin(), rest.end());
  return edited;
}

}  // namespace

DecodedImage decode_psd(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kHeaderSize) throw_broken(kPsd, kFileEndsEarly);
  check_size(kPsd, read_u32_be(bytes, 18), read_u32_be(bytes, 14), options);
  const std::size_t num_channels = read_u16_be(bytes, kNumChannelsAt);
  if (num_channels <= 3) return {decode_with_stb(kPsd, bytes, options)};
  DecodedImage decoded{decode_with_stb(kPsd, with_channels(bytes, 0, 3), options)};
  if (num_channels == 4) {  // of more, no one can tell which is the alpha
    const RgbImage alpha = decode_with_stb(kPsd, with_channels(bytes, 3, 1), options);
    for (std::size_t i = 0; i < alpha.pixels.size(); i += 3) decoded.alpha.push_back(alpha.pixels[i]);
  }
  return decoded;
}

}  // namespace clipcls
