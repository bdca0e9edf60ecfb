// Decoded pictures equal Pillow's, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "golden_data.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

constexpr std::array<std::uint8_t, 3> kBackground = {200, 30, 90};  // of scripts/golden/make_image_golden.py

constexpr DecodeOptions kAsPillow = {.deep_gray = DeepGray::kClip};

DecodeOptions stored_as_pillow() {
  DecodeOptions options = kAsPillow;
  options.apply_exif_rotation = false;
  return options;
}

fs::path with_ending(fs::path picture, const char* ending) { return picture += ending; }

// Checks each picture file in `folder` against the .ppm or .refused beside it, and returns how many there
// were.
int check_folder(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& expected = entry.path();
    const fs::path picture = fs::path(expected).replace_extension();
    const bool refused = expected.extension() == ".refused";
    constexpr std::array kOtherKinds = {".stored", ".background", ".scale", ".stretch"};
    const bool of_picture = std::ranges::find(kOtherKinds, picture.extension()) == kOtherKinds.end();
    if ((expected.extension() != ".ppm" || !of_picture) && !refused) continue;
    SCOPED_TRACE(picture.string());
    ++num_checked;
    const auto bytes = read_file(picture);
    if (refused) {
      EXPECT_EQ(outcome(bytes), "broken_image");
      continue;
    }
    try {
      EXPECT_EQ(difference(decode_image(bytes, kAsPillow), read_ppm(expected)), "");
      fs::path stored = with_ending(picture, ".stored.ppm");
      if (!fs::exists(stored)) stored = expected;
      EXPECT_EQ(difference(decode_image(bytes, stored_as_pillow()), read_ppm(stored)), "");
      const fs::path background = with_ending(picture, ".background.ppm");
      if (fs::exists(background)) {
        EXPECT_EQ(difference(decode_image(bytes, {.background = kBackground}), read_ppm(background)), "");
      }
      const fs::path scaled = with_ending(picture, ".scale.ppm");
      if (!fs::exists(scaled)) continue;
      EXPECT_EQ(difference(decode_image(bytes), read_ppm(scaled)), "");
      EXPECT_EQ(difference(decode_image(bytes, {.deep_gray = DeepGray::kStretch}),
                           read_ppm(with_ending(picture, ".stretch.ppm"))),
                "");
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  return num_checked;
}

TEST(DecodeGolden, CommittedPictures) { EXPECT_GE(check_folder(committed_images() / "decode"), 175); }

TEST(DecodeGolden, AllPictures) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_folder(golden / "decode"), 640);
}

// Files that are cut off or damaged, as Pillow has them with LOAD_TRUNCATED_IMAGES.
int check_truncated(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".ppm") continue;
    const fs::path picture = fs::path(entry.path()).replace_extension();
    SCOPED_TRACE(picture.string());
    const auto bytes = read_file(picture);
    // A JPEG that lacks its end alone has all its pixels.
    const bool has_all = outcome(bytes) == "ok";
    if (has_all) {
      EXPECT_NE(picture.filename().string().find("_end.jpg"), std::string::npos);
    } else {
      EXPECT_EQ(outcome(bytes), "broken_image");
    }
    DecodeOptions options = kAsPillow;
    options.accepts_truncated = true;
    DecodeNotes notes;
    try {
      EXPECT_EQ(difference(decode_image(bytes, options, &notes), read_ppm(entry.path())), "");
      EXPECT_EQ(notes.is_truncated, !has_all);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
    ++num_checked;
  }
  return num_checked;
}

TEST(DecodeGolden, CommittedTruncatedPictures) {
  EXPECT_GE(check_truncated(committed_images() / "truncated"), 20);
}

TEST(DecodeGolden, TruncatedPictures) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_truncated(golden / "truncated"), 80);
}

TEST(DecodeGolden, Drafts) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(golden / "draft")) {
    if (entry.path().extension() != ".ppm") continue;  // NAME.SIDE.ppm
    const fs::path with_side = fs::path(entry.path()).replace_extension();
    const fs::path picture = fs::path(with_side).replace_extension();
    SCOPED_TRACE(entry.path().string());
    const int side = std::stoi(with_side.extension().string().substr(1));
    EXPECT_EQ(difference(decode_image(read_file(picture), {.draft_side = side}), read_ppm(entry.path())), "");
    ++num_checked;
  }
  EXPECT_GE(num_checked, 100);
}

}  // namespace
}  // namespace clipcls
