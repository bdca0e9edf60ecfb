// Decoded pictures equal Pillow's, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "golden_data.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

constexpr std::array<std::uint8_t, 3> kBackground = {200, 30, 90};  // of scripts/golden/make_image_golden.py

// Checks each picture file in `folder` against the .ppm or .refused beside it, and returns how many there
// were.
int check_folder(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& expected = entry.path();
    const fs::path picture = fs::path(expected).replace_extension();
    const bool refused = expected.extension() == ".refused";
    const bool of_picture = picture.extension() != ".stored" && picture.extension() != ".background";
    if ((expected.extension() != ".ppm" || !of_picture) && !refused) continue;
    SCOPED_TRACE(picture.string());
    ++num_checked;
    const auto bytes = read_file(picture);
    if (refused) {
      EXPECT_EQ(outcome(bytes), "broken_image");
      continue;
    }
    try {
      EXPECT_EQ(difference(decode_image(bytes), read_ppm(expected)), "");
      fs::path stored = picture;
      stored += ".stored.ppm";
      if (!fs::exists(stored)) stored = expected;
      EXPECT_EQ(difference(decode_image(bytes, {.apply_exif_rotation = false}), read_ppm(stored)), "");
      fs::path background = picture;
      background += ".background.ppm";
      if (fs::exists(background)) {
        EXPECT_EQ(difference(decode_image(bytes, {.background = kBackground}), read_ppm(background)), "");
      }
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  return num_checked;
}

TEST(DecodeGolden, CommittedPictures) { EXPECT_GE(check_folder(committed_images() / "decode"), 125); }

TEST(DecodeGolden, AllPictures) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_folder(golden / "decode"), 365);
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
