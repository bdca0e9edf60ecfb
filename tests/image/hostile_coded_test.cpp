// Files of the newer formats that ask for more than they have: refused before memory is taken.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "golden_data.h"
#include "image/decode/hevc_size.h"
#include "image/decode/jpeg2000_header.h"

namespace clipcls {
namespace {

using Content = std::vector<std::uint8_t>;

Content coded(const std::string& name) { return read_file(committed_images() / "coded" / name); }
Content stored(const std::string& name) { return read_file(committed_images() / "decode" / name); }

std::size_t place_of(const Content& bytes, std::string_view text) {
  const auto at = std::search(bytes.begin(), bytes.end(), text.begin(), text.end(),
                              [](std::uint8_t byte, char c) { return byte == static_cast<std::uint8_t>(c); });
  EXPECT_NE(at, bytes.end()) << text;
  return static_cast<std::size_t>(at - bytes.begin());
}

Content with_number(Content bytes, std::size_t at, std::uint32_t number) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return bytes;
}

Content with_sides(const Content& bytes, std::size_t at, std::uint32_t width, std::uint32_t height) {
  return with_number(with_number(bytes, at, width), at + 4, height);
}

std::string answer_of(const Content& bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const Error& error) {
    return std::string(error_kind_name(error.kind())) + ": " + error.what();
  }
  return "ok";
}

/// Bits as a unit of HEVC data holds them: a byte 3 behind two zeros, where the next is 3 or less.
class UnitBits {
 public:
  void add(unsigned num_bits, std::uint64_t value) {
    while (num_bits-- > 0) bits_.push_back((value >> num_bits & 1) != 0);
  }
  void add_code(std::uint64_t value) {
    unsigned length = 0;
    while ((value + 1) >> (length + 1) != 0) ++length;
    add(length, 0);
    add(length + 1, value + 1);
  }
  /// With a length of `num_bytes` and the head of a parameter set before them.
  Content unit(unsigned num_bytes) const {
    Content bytes = {0x42, 0x01};
    unsigned num_zeros = 0;
    for (std::size_t at = 0; at < bits_.size(); at += 8) {
      unsigned byte = 0;
      for (std::size_t i = 0; i < 8; ++i)
        byte = byte << 1 | (at + i < bits_.size() && bits_[at + i] ? 1U : 0U);
      if (num_zeros == 2 && byte <= 3) {
        bytes.push_back(3);
        num_zeros = 0;
      }
      bytes.push_back(static_cast<std::uint8_t>(byte));
      num_zeros = byte == 0 ? num_zeros + 1 : 0;
    }
    Content result;
    for (unsigned i = num_bytes; i-- > 0;)
      result.push_back(static_cast<std::uint8_t>(bytes.size() >> (8 * i)));
    result.insert(result.end(), bytes.begin(), bytes.end());
    return result;
  }

 private:
  std::vector<bool> bits_;
};

UnitBits parameter_set(std::uint64_t width, std::uint64_t height, unsigned num_layers = 0,
                       unsigned chroma = 1) {
  UnitBits bits;
  bits.add(4, 0);
  bits.add(3, num_layers);
  bits.add(1, 1);
  bits.add(64, 0x0160000003000000);
  bits.add(32, 0);
  if (num_layers > 0) {
    bits.add(16, 0xC000);  // the first has both
    bits.add(64, 0);
    bits.add(32, 0);
  }
  bits.add_code(0);
  bits.add_code(chroma);
  if (chroma == 3) bits.add(1, 0);
  bits.add_code(width);
  bits.add_code(height);
  bits.add(1, 0);
  return bits;
}

TEST(HevcSize, IsThatOfTheLargestParameterSet) {
  for (const unsigned num_layers : {0U, 1U, 3U}) {
    for (const unsigned chroma : {0U, 1U, 3U}) {
      Content file = parameter_set(4096, 2160, num_layers, chroma).unit(4);
      const Content larger = parameter_set(65535, 70000, num_layers, chroma).unit(4);
      file.insert(file.end(), larger.begin(), larger.end());
      file.push_back(0);
      const CodedSize size = largest_hevc_size(file);
      EXPECT_EQ(size.width, 65535);
      EXPECT_EQ(size.height, 70000);
    }
  }
  EXPECT_EQ(largest_hevc_size({}).width, 0);
  const Content picture = coded("420_full.heic");
  EXPECT_EQ(largest_hevc_size(picture).width, 64);  // whole blocks
  EXPECT_EQ(largest_hevc_size(picture).height, 64);
}

TEST(HostileCoded, AnHeicWhoseDataAreLargerThanItsBoxesSay) {
  // In the box hvcC, in place of its own; and among the data, behind the end of the picture's.
  Content changed = coded("420_full.heic");
  const Content unit = parameter_set(60000, 60000).unit(2);
  const std::size_t at = place_of(changed, "\x42\x01\x01") - 2;
  std::copy(unit.begin(), unit.end(), changed.begin() + static_cast<std::ptrdiff_t>(at));
  Content longer = coded("420_full.heic");
  const Content appended = parameter_set(60000, 60000).unit(4);
  longer.insert(longer.end(), appended.begin(), appended.end());
  longer.push_back(0);
  for (const Content& bytes : {changed, longer})
    EXPECT_TRUE(answer_of(bytes).starts_with("too_large: the HEIC picture is 59936 x 59936 pixels"))
        << answer_of(bytes);
}

TEST(HostileCoded, SizesInHeadersAreRefused) {
  const std::string too_large = "pixels (3600.0 megapixels), more than the limit of 179";
  const Content heic = coded("420_full.heic");
  const Content jp2 = stored("rgb.jp2");
  const Content j2k = stored("rgb.j2k");
  const std::vector<std::pair<Content, std::string>> bombs = {
      {with_sides(heic, place_of(heic, "ispe") + 8, 20000, 20000),
       "too_large: the HEIC picture is 20000 x 20000"},
      {with_sides(jp2, place_of(jp2, "\xFF\x4F\xFF\x51") + 8, 60000, 60000), too_large},
      {with_sides(j2k, 8, 60000, 60000), too_large},
      // A bare codestream's header: its height and width of 30 bits each, and all else as usual.
      {{0xFF, 0x0A, 0xFE, 0x52, 0x07, 0x00, 0xF0, 0x97, 0x3A, 0x00, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00},
       "too_large: the JPEG XL picture is 60000 x 60000 " + too_large},
  };
  for (const auto& [bytes, expected] : bombs)
    EXPECT_NE(answer_of(bytes).find(expected), std::string::npos) << answer_of(bytes);
  const Content avif = stored("444_full.avif");
  const std::size_t ispe = place_of(avif, "ispe") + 8;
  EXPECT_TRUE(
      answer_of(with_sides(avif, ispe, 16000, 16000)).starts_with("too_large: the AVIF picture is 16000 x"));
  const std::string message = answer_of(with_sides(avif, ispe, 60000, 60000));
  EXPECT_TRUE(message.starts_with("too_large: the AVIF picture has more than the 16384 x 16384")) << message;
}

TEST(HostileCoded, Av1UnderTheNameOfHeicIsRefused) {
  Content bytes = stored("444_full.avif");
  for (const std::size_t brand : {std::size_t{8}, place_of(bytes, "avifmif1")}) {
    const std::string_view heic = "heic";
    std::ranges::copy(heic, bytes.begin() + static_cast<std::ptrdiff_t>(brand));
  }
  EXPECT_TRUE(answer_of(bytes).starts_with("unsupported_format: the HEIC file has a picture coded as AV1"))
      << answer_of(bytes);
}

TEST(HostileCoded, TheLimitHoldsForEachOfThem) {
  for (const std::string name : {"420_full.heic", "lossless.jxl", "420.j2k"})
    EXPECT_TRUE(answer_of(coded(name), {.max_megapixels = 0.0005}).starts_with("too_large")) << name;
  for (const std::string name : {"444_full.avif", "rgb.jp2"})
    EXPECT_TRUE(answer_of(stored(name), {.max_megapixels = 0.0005}).starts_with("too_large")) << name;
}

TEST(HostileCoded, TilesComponentsAndPalettesOfJpeg2000AreLimited) {
  const Content j2k = stored("rgb.j2k");
  Content tiles = with_sides(j2k, 8 + 16, 1, 1);
  tiles = with_sides(tiles, 8, 1000, 1000);
  EXPECT_EQ(read_jpeg2000_header(tiles).num_tiles, 1'000'000U);
  EXPECT_TRUE(
      answer_of(tiles).starts_with("broken_image: the JPEG 2000 picture cannot be decoded: its tiles"));
  // Few, but of a picture that has hardly more pixels: their tables would be a hundred times its size.
  tiles = with_sides(with_sides(j2k, 8 + 16, 40, 40), 8, 400'000, 1);
  EXPECT_EQ(read_jpeg2000_header(tiles).num_tiles, 10'000U);
  EXPECT_TRUE(
      answer_of(tiles).starts_with("broken_image: the JPEG 2000 picture cannot be decoded: its tiles"));
  Content components = j2k;
  components[40] = 0x40;  // 16,387
  EXPECT_TRUE(answer_of(components).starts_with("unsupported_format")) << answer_of(components);
  Content palette = stored("palette.jp2");
  palette[place_of(palette, "pclr") + 6] = 200;
  EXPECT_TRUE(answer_of(palette).starts_with("unsupported_format")) << answer_of(palette);
}

// White of 16 bits rounds up to 256, which is black to Pillow 13.
TEST(HostileCoded, DeepWhiteOfJpeg2000IsWhite) {
  RgbImage image = decode_image(stored("rgb_16bit.jp2"));
  EXPECT_GT(*std::ranges::max_element(image.pixels), 240);
}

TEST(HostileCoded, RandomBytesChanged) {
  std::uint32_t random = 1;
  const auto next = [&] { return random = random * 1664525U + 1013904223U, random >> 8; };
  for (const std::string name :
       {"420_full.heic", "grid.heic", "rgba.heic", "lossy.jxl", "container.jxl", "420.j2k"}) {
    SCOPED_TRACE(name);
    const Content whole = coded(name);
    for (int trial = 0; trial < 100; ++trial) {
      Content changed = whole;
      for (int change = 0; change < 1 + trial % 4; ++change)
        changed[next() % changed.size()] = static_cast<std::uint8_t>(next());
      outcome(changed, {.max_megapixels = 4});
    }
  }
}

}  // namespace
}  // namespace clipcls
