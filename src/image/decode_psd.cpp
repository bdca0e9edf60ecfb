// stb_image unpacks the composite; its alpha is cut out of the file first, because stb would mix it into the
// colours while Pillow leaves them as they are.
#include <string>
#include <vector>

#include "decoders.h"
#include "stb_decoder.h"

namespace clipcls {
namespace {

constexpr std::string_view kPsd = "PSD";
constexpr std::size_t kNumChannelsAt = 12;
constexpr std::size_t kHeaderSize = 26;

// Leaves the first three channels. Packed rows have a table of their lengths in front, two bytes a row of
// each channel.
std::vector<std::uint8_t> without_alpha(Bytes bytes) {
  std::size_t at = kHeaderSize;
  for (int section = 0; section < 3; ++section) {  // colour table, resources, layers
    if (bytes.size() - at < 4) throw_broken(kPsd, "the file ends before the picture does");
    const std::size_t length = read_u32_be(bytes, at);
    if (bytes.size() - at - 4 < length) throw_broken(kPsd, "the file ends before the picture does");
    at += 4 + length;
  }
  std::vector<std::uint8_t> edited(bytes.begin(), bytes.end());
  const std::size_t num_channels = read_u16_be(bytes, kNumChannelsAt);
  edited[kNumChannelsAt] = 0;
  edited[kNumChannelsAt + 1] = 3;
  const std::size_t table = at + 2;
  if (bytes.size() < table) throw_broken(kPsd, "the file ends before the picture does");
  const bool packed = read_u16_be(bytes, at) == 1;
  if (packed) {
    const std::size_t channel_table = std::size_t{2} * read_u32_be(bytes, 14);
    if ((bytes.size() - table) / num_channels < channel_table)
      throw_broken(kPsd, "its table of rows is cut off");
    const auto begin = edited.begin() + static_cast<std::ptrdiff_t>(table);
    edited.erase(begin + static_cast<std::ptrdiff_t>(3 * channel_table),
                 begin + static_cast<std::ptrdiff_t>(num_channels * channel_table));
  }
  return edited;
}

}  // namespace

DecodedImage decode_psd(Bytes bytes, const DecodeOptions& options) {
  if (bytes.size() < kHeaderSize) throw_broken(kPsd, "the file ends before the picture does");
  check_size(kPsd, read_u32_be(bytes, 18), read_u32_be(bytes, 14), options);
  if (read_u16_be(bytes, kNumChannelsAt) <= 3) return {decode_with_stb(kPsd, bytes, options)};
  return {decode_with_stb(kPsd, without_alpha(bytes), options)};
}

}  // namespace clipcls
