#include "image/decode_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "golden_data.h"

namespace clipcls {
namespace {

using FileBytes = std::vector<std::uint8_t>;

FileBytes from_text(const std::string& text) { return {text.begin(), text.end()}; }

FileBytes committed(const std::string& name) { return read_file(committed_images() / "decode" / name); }

// The error that decoding gives; fails where there is none.
Error error_of(const FileBytes& bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, options);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::kInvalidArgument, ""};
}

TEST(DecodeImage, EmptyInputHasItsOwnMessage) {
  const Error error = error_of({});
  EXPECT_EQ(error.kind(), ErrorKind::kNotAnImage);
  EXPECT_STREQ(error.what(), "the file is empty (0 bytes), not a picture");
}

TEST(DecodeImage, OtherBytesAreNotAnImageAndTheMessageListsWhatIs) {
  for (const std::string& text :
       {std::string("hello, world\n"), std::string("BMW makes cars, P5 is a number"), std::string("P5x"),
        std::string(1, '\0'), std::string(4096, '\0'), std::string("\xFF\xD8", 2)}) {
    const Error error = error_of(from_text(text));
    EXPECT_EQ(error.kind(), ErrorKind::kNotAnImage) << text;
    EXPECT_STREQ(
        error.what(),
        "the bytes are in no picture format that is read here; accepted are JPEG, PNG, WebP, GIF, HEIC, "
        "AVIF, JPEG XL, JPEG 2000, BMP, DIB, ICO, CUR, PNM, PSD, HDR, DDS, PCX, DCX, QOI, SGI, camera raw, "
        "TIFF and "
        "TGA");
  }
}

TEST(DecodeImage, TheLimitIsOnMegapixelsAndTheMessageSaysHowToRaiseIt) {
  const FileBytes picture = committed("rgb.png");  // 37 x 29
  EXPECT_EQ(outcome(picture, {.max_megapixels = 0.001073}), "ok");
  const Error error = error_of(picture, {.max_megapixels = 0.001});
  EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
  EXPECT_STREQ(error.what(),
               "the PNG picture is 37 x 29 pixels (0.00107 megapixels), more than the limit of 0.001; raise "
               "`max_megapixels` "
               "to 1");
}

FileBytes with_size(FileBytes bytes, std::size_t at, const FileBytes& size) {
  std::copy(size.begin(), size.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  return bytes;
}

FileBytes jpeg_bomb() {
  const FileBytes bytes = committed("quality_75.jpg");
  const FileBytes start_of_frame = {0xFF, 0xC0};
  const auto at = std::search(bytes.begin(), bytes.end(), start_of_frame.begin(), start_of_frame.end());
  return with_size(bytes, static_cast<std::size_t>(at - bytes.begin()) + 5, {0xEA, 0x60, 0xEA, 0x60});
}

// A file whose header claims more than it has, and how the message counts that.
struct Bomb {
  std::string format;
  FileBytes bytes;
  std::string size = "60000 x 60000";
  std::string megapixels = "3600.0";
  std::string limit = "3600";
};

// Its sides have 14 bits in the two older kinds of WebP, so 268 megapixels at most.
Bomb webp_bomb(const std::string& picture, const std::string& kind, std::size_t at, const FileBytes& size) {
  const FileBytes bytes = committed(picture);
  EXPECT_EQ(std::string(bytes.begin() + 12, bytes.begin() + 16), kind) << picture;
  return {"WebP", with_size(bytes, at, size)};
}

std::vector<Bomb> webp_bombs() {
  Bomb lossy = webp_bomb("lossy_80.webp", "VP8 ", 26, {0xFF, 0x3F, 0xFF, 0x3F});
  lossy.size = "16383 x 16383";
  lossy.megapixels = "268.4";
  lossy.limit = "269";
  Bomb lossless = webp_bomb("lossless_alpha.webp", "VP8L", 21, {0xFF, 0xFF, 0xFF, 0x1F});
  lossless.size = "16384 x 16384";
  lossless.megapixels = "268.4";
  lossless.limit = "269";
  return {lossy, lossless,
          webp_bomb("animation_partial_frame.webp", "VP8X", 24, {0x5F, 0xEA, 0, 0x5F, 0xEA, 0})};
}

// Files of a few hundred bytes whose headers claim up to 3.6 gigapixels are refused before memory is taken.
TEST(DecodeImage, SizeBombsAreRefusedFromTheirHeaders) {
  const FileBytes big_endian = {0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60};
  const FileBytes little_endian = {0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0};
  const FileBytes little_endian_short = {0x60, 0xEA, 0x60, 0xEA};
  std::vector<Bomb> bombs = {
      {"JPEG", jpeg_bomb()},
      {"GIF", with_size(committed("transparent.gif"), 6, little_endian_short)},
      {"BMP", with_size(committed("rgb.bmp"), 18, little_endian)},
      {"BMP", with_size(committed("palette_4bit.bmp"), 18, little_endian)},
      {"BMP", with_size(committed("rle8.bmp"), 18, little_endian)},
      {"DIB", with_size(committed("os2.dib"), 4, little_endian_short)},
      {"ICO", with_size(committed("odd_width.ico"), 26, {0x60, 0xEA, 0, 0, 0xC0, 0xD4, 1, 0})},
      {"TGA", with_size(committed("rgb_rle.tga"), 12, little_endian_short)},
      {"PSD", with_size(committed("rgb_rle.psd"), 14, big_endian)},
      {"DDS", with_size(committed("dxt1.dds"), 12, little_endian)},
      {"DDS", with_size(committed("masks_565.dds"), 12, little_endian)},
      {"PCX", with_size(committed("rgb.pcx"), 4, {0, 0, 0, 0, 0x5F, 0xEA, 0x5F, 0xEA})},
      {"QOI", with_size(committed("rgba.qoi"), 4, big_endian)},
      {"SGI", with_size(committed("rgb_rle.sgi"), 6, {0xEA, 0x60, 0xEA, 0x60})},
      {"PNM", from_text("P6 60000 60000 255\n")},
      {"HDR", from_text("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n")},
  };
  for (Bomb& bomb : webp_bombs()) bombs.push_back(std::move(bomb));
  for (const Bomb& bomb : bombs) {
    const Error error = error_of(bomb.bytes);
    EXPECT_EQ(error.kind(), ErrorKind::kTooLarge) << bomb.format << ": " << error.what();
    EXPECT_EQ(std::string(error.what()),
              "the " + bomb.format + " picture is " + bomb.size + " pixels (" + bomb.megapixels +
                  " megapixels), more than the limit of 179; raise `max_megapixels` to " + bomb.limit);
  }
  // PNG has a limit that no flag raises.
  const Error error = error_of(with_size(committed("rgb.png"), 16, big_endian));
  EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
  EXPECT_TRUE(std::string(error.what()).ends_with("whatever `max_megapixels` says")) << error.what();
}

// A TIFF whose tag 256 + `tag` has another value: entries of 12 bytes, their values at 8, in the order of
// tags.
FileBytes with_tag(FileBytes tiff, std::size_t tag, std::uint8_t value) {
  const std::size_t directory = tiff[4];
  for (std::size_t at = directory + 2; at + 12 < tiff.size() && at < directory + 200; at += 12) {
    if (tiff[at] == tag && tiff[at + 1] == 1) tiff[at + 8] = value;
  }
  return tiff;
}

TEST(DecodeImage, ATiffIsRefusedFromItsHeader) {
  FileBytes large = committed("planar.tif");
  for (const std::size_t tag : {0, 1}) large = with_tag(large, tag, 0);
  EXPECT_EQ(error_of(large).kind(), ErrorKind::kBrokenImage);
  EXPECT_EQ(error_of(committed("planar.tif"), {.max_megapixels = 0.0005}).kind(), ErrorKind::kTooLarge);
}

TEST(DecodeImage, ATiffOfAnUnknownKindSaysWhichItIs) {
  const Error error = error_of(with_tag(committed("grey_12bit.tif"), 2, 24));
  EXPECT_EQ(error.kind(), ErrorKind::kUnsupportedFormat);
  EXPECT_STREQ(error.what(), "the TIFF picture is of a kind that is not read here: 1 samples of 24 bits");
}

TEST(DecodeImage, DeepGreyOfATiffIsNotedAsClipped) {
  DecodeNotes notes;
  decode_image(committed("deep_I_16B.tif"), {.deep_gray = DeepGray::kClip}, &notes);
  EXPECT_TRUE(notes.is_gray_clipped);
}

TEST(DecodeImage, ASideIsLimitedWhateverTheMegapixels) {
  const Error error = error_of(from_text("P5 2000000 1 255\n"), {.max_megapixels = 1e9});
  EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
  EXPECT_STREQ(error.what(), "the PNM picture is 2000000 x 1 pixels; a side may have at most 1048576");
}

TEST(DecodeImage, HdrHasNoCounterpartInPillowAndIsToneMappedByStb) {
  const std::string header = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n";
  const RgbImage image = decode_image(from_text(header + std::string("\x80\x80\x80\x81\x00\x00\x00\x00", 8)));
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.pixels, (FileBytes{255, 255, 255, 0, 0, 0}));
}

TEST(DecodeImage, KindsThatAreNotReadSaySo) {
  // A BMP with a PNG inside.
  FileBytes bmp = committed("palette_4bit.bmp");
  bmp[30] = 5;
  const Error error = error_of(bmp);
  EXPECT_EQ(error.kind(), ErrorKind::kUnsupportedFormat);
  EXPECT_STREQ(error.what(),
               "the BMP picture is of a kind that is not read here: 4 bits a pixel, compression 5");
}

}  // namespace
}  // namespace clipcls
