// Decoded pictures equal Pillow's, byte for byte.
#include <gtest/gtest.h>

#include <algorithm>

#include "golden_data.h"

namespace clipcls {
namespace {
namespace fs = std::filesystem;

// Checks each picture file in `folder` against the .ppm or .refused beside it, and returns how many there
// were.
int check_folder(const fs::path& folder) {
  int num_checked = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path& expected = entry.path();
    const fs::path picture = fs::path(expected).replace_extension();
    const bool refused = expected.extension() == ".refused";
    if ((expected.extension() != ".ppm" || picture.extension() == ".stored") && !refused) continue;
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
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  return num_checked;
}

TEST(DecodeGolden, CommittedPictures) { EXPECT_GE(check_folder(committed_images() / "decode"), 50); }

TEST(DecodeGolden, AllPictures) {
  const fs::path golden = full_golden();
  if (golden.empty()) GTEST_SKIP() << kNoGolden;
  EXPECT_GE(check_folder(golden / "decode"), 170);
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
