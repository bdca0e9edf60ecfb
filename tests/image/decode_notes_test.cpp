// What decoding says of a picture that lost something on the way to RGB.
#include <gtest/gtest.h>

#include <string>

#include "golden_data.h"
#include "image/decode/alpha.h"

namespace clipcls {
namespace {

DecodeNotes notes_of(const std::string& name, const DecodeOptions& options = {}) {
  DecodeNotes notes = {true, true, true, true};  // as a picture before it left them
  decode_image(read_file(committed_images() / "decode" / name), options, &notes);
  return notes;
}

TEST(DecodeNotes, MostlyTransparentIsMoreThanHalf) {
  EXPECT_FALSE(is_mostly_transparent({}));
  EXPECT_FALSE(is_mostly_transparent({0, 255}));
  EXPECT_FALSE(is_mostly_transparent({128, 128, 128}));
  EXPECT_TRUE(is_mostly_transparent({127, 255, 0}));
}

TEST(DecodeNotes, TransparentPicturesAreNotedUnlessABackgroundIsGiven) {
  for (const std::string name : {"mostly_transparent.png", "partial_frame_transparent.gif"}) {
    EXPECT_TRUE(notes_of(name).is_mostly_transparent) << name;
    EXPECT_TRUE(notes_of(name).has_losses()) << name;
    EXPECT_FALSE(notes_of(name, {.background = {{0, 0, 0}}}).has_losses()) << name;
  }
}

TEST(DecodeNotes, GreyOfMoreThanEightBitsIsNoted) {
  const DecodeNotes notes = notes_of("grey_16bit_dark.png", {.deep_gray = DeepGray::kClip});
  EXPECT_TRUE(notes.is_gray_clipped);
  EXPECT_FALSE(notes.is_mostly_transparent || notes.is_gray_dark);
  EXPECT_TRUE(notes_of("grey_16bit_dark.png").is_gray_dark);
  EXPECT_FALSE(notes_of("grey_16bit_dark.png").is_gray_clipped);
  EXPECT_FALSE(notes_of("grey_16bit_dark.png", {.deep_gray = DeepGray::kStretch}).has_losses());
  EXPECT_FALSE(notes_of("scale_all.png").has_losses());
}

TEST(DecodeNotes, OnlyWhatIsTruncatedIsNotedAsSuch) {
  EXPECT_FALSE(notes_of("rgb.png", {.accepts_truncated = true}).has_losses());
  EXPECT_FALSE(notes_of("no_end_rgb.png", {.accepts_truncated = true}).has_losses());
  EXPECT_TRUE(notes_of("no_end_marker.jpg", {.accepts_truncated = true}).is_truncated);
}

TEST(DecodeNotes, OtherPicturesLoseNothing) {
  for (const std::string name :
       {"rgb.png", "rgba.png", "rgb_16bit.png", "quality_75.jpg", "lossy_alpha.webp", "transparent.gif"})
    EXPECT_FALSE(notes_of(name).has_losses()) << name;
}

}  // namespace
}  // namespace clipcls
