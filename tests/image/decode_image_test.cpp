#include "clipcls/image/decode_image.h"

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
  return {ErrorKind::kUsage, ""};
}

TEST(DecodeImage, EmptyInputHasItsOwnMessage) {
  const Error error = error_of({});
  EXPECT_EQ(error.kind(), ErrorKind::kNotAnImage);
  EXPECT_STREQ(error.what(), "the file is empty (0 bytes), not a picture");
}

TEST(DecodeImage, OtherBytesAreNotAnImageAndTheMessageListsWhatIs) {
  const std::string pdf = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n";
  const std::string mp4(
      "\0\0\0\x18"
      "ftypmp42\0\0\0\0mp42isom",
      24);
  const std::string icon("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0", 22);
  for (const std::string& text :
       {std::string("hello, world\n"), std::string("BMW makes cars, P5 is a number"), std::string("P5x"),
        std::string(1, '\0'), std::string(4096, '\0'), pdf, mp4, icon,
        std::string("RIFF\x10\0\0\0WAVEfmt ", 16), std::string("\xFF\xD8", 2)}) {
    const Error error = error_of(from_text(text));
    EXPECT_EQ(error.kind(), ErrorKind::kNotAnImage) << text;
    EXPECT_STREQ(
        error.what(),
        "the bytes are in no picture format that is read here; accepted are JPEG, PNG, WebP, GIF, BMP, PNM, "
        "PSD, HDR and TGA");
  }
}

TEST(DecodeImage, TheLimitIsOnMegapixelsAndTheMessageSaysHowToRaiseIt) {
  const FileBytes picture = committed("rgb.png");  // 37 x 29
  EXPECT_EQ(outcome(picture, {.max_megapixels = 0.001073}), "ok");
  const Error error = error_of(picture, {.max_megapixels = 0.001});
  EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
  EXPECT_STREQ(
      error.what(),
      "the PNG picture is 37 x 29 pixels (0.0 megapixels), more than the limit of 0.001; raise it with "
      "--max-megapixels 1");
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

// Files of a few hundred bytes whose headers claim 3.6 gigapixels are refused before memory is taken.
TEST(DecodeImage, SizeBombsAreRefusedFromTheirHeaders) {
  const FileBytes big_endian = {0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60};
  const FileBytes little_endian = {0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0};
  const FileBytes little_endian_short = {0x60, 0xEA, 0x60, 0xEA};
  const std::vector<std::pair<std::string, FileBytes>> bombs = {
      {"JPEG", jpeg_bomb()},
      {"PNG", with_size(committed("rgb.png"), 16, big_endian)},
      {"GIF", with_size(committed("transparent.gif"), 6, little_endian_short)},
      {"BMP", with_size(committed("rgb.bmp"), 18, little_endian)},
      {"TGA", with_size(committed("rgb_rle.tga"), 12, little_endian_short)},
      {"PSD", with_size(committed("rgb_rle.psd"), 14, big_endian)},
      {"WebP", with_size(committed("lossless_alpha.webp"), 24, {0x5F, 0xEA, 0, 0x5F, 0xEA, 0})},
      {"PNM", from_text("P6 60000 60000 255\n")},
      {"HDR", from_text("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n")},
  };
  for (const auto& [format, bytes] : bombs) {
    // A lossless WebP keeps its size in 14 bits; its container does not, where it has one.
    if (format == "WebP" && std::string(bytes.begin() + 12, bytes.begin() + 16) != "VP8X") continue;
    const Error error = error_of(bytes);
    EXPECT_EQ(error.kind(), ErrorKind::kTooLarge) << format << ": " << error.what();
    if (format == "PNG") {  // has a limit that no flag raises
      EXPECT_TRUE(std::string(error.what()).ends_with("whatever --max-megapixels says")) << error.what();
      continue;
    }
    EXPECT_EQ(std::string(error.what()),
              "the " + format +
                  " picture is 60000 x 60000 pixels (3600.0 megapixels), more than the "
                  "limit of 179; raise it with --max-megapixels 3600");
  }
}

TEST(DecodeImage, ASideIsLimitedWhateverTheMegapixels) {
  const Error error = error_of(from_text("P5 2000000 1 255\n"), {.max_megapixels = 1e9});
  EXPECT_EQ(error.kind(), ErrorKind::kTooLarge);
  EXPECT_STREQ(error.what(), "the PNM picture is 2000000 x 1 pixels; a side may have at most 1048576");
}

TEST(DecodeImage, HdrHasNoCounterpartInPillowAndIsToneMappedByStb) {
  const std::string header = "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 2\n";
  const Image image = decode_image(from_text(header + std::string("\x80\x80\x80\x81\x00\x00\x00\x00", 8)));
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.pixels, (FileBytes{255, 255, 255, 0, 0, 0}));
}

TEST(DecodeImage, KindsThatAreNotReadSaySo) {
  // A run-length coded BMP, which stb_image does not unpack.
  FileBytes bmp = committed("palette_4bit.bmp");
  bmp[30] = 2;
  const Error error = error_of(bmp);
  EXPECT_EQ(error.kind(), ErrorKind::kBrokenImage);
  EXPECT_STREQ(error.what(),
               "the BMP picture cannot be decoded: it is run-length coded, which is not read here");
}

}  // namespace
}  // namespace clipcls
