#include "photos/companions.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

using NameList = std::vector<std::string>;

bool is_picture(std::string_view name) {
  return name.ends_with(".jpg") || name.ends_with(".JPG") || name.ends_with(".png");
}

class CompanionsTest : public testing::Test {
 protected:
  void write(const NameList& names) const {
    for (const std::string& name : names) folder_.write(name, "x");
  }

  /// NameList; in front of those that wait for a picture its name and a colon.
  NameList found(const std::string& photo) {
    NameList names;
    for (const Companion& companion : finder_.find(folder_.path() / photo)) {
      EXPECT_TRUE((fs::path(photo).stem().string() + companion.after_stem) == companion.path.filename());
      const std::string picture = fs::path(companion.picture).filename().string();
      names.push_back((picture.empty() ? "" : picture + ": ") + companion.path.filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  TemporaryFolder folder_;
  CompanionFinder finder_{is_picture};
};

TEST(SidecarPath, FollowsBothCustoms) {
  EXPECT_EQ(sidecar_path("a/photo.jpg", SidecarName::kAppended), "a/photo.jpg.xmp");
  EXPECT_EQ(sidecar_path("a/photo.jpg", SidecarName::kReplaced), "a/photo.xmp");
  EXPECT_EQ(sidecar_path("photo", SidecarName::kReplaced), "photo.xmp");
}

TEST_F(CompanionsTest, AreOfTheStemOrTheName) {
  write({"a.jpg",
         "a.jpg.xmp",
         "a_01.jpg.xmp",
         "a_02.jpg.xmp",
         "a_04.jpg.xmp",
         "a.xmp",
         "a.CR2",
         "a.CR2.xmp",
         "a_01.CR2.xmp",
         "a.MOV",
         "a.AAE",
         "a.jpg.json",
         "a.jpg.supplemental-metadata.json",
         "a.jpg.pp3",
         "ab.xmp",
         "a.b.jpg",
         "a.2.jpg",
         "a",
         "A.xmp",
         "a_1.jpg",
         "b.jpg.xmp"});
  fs::create_directory(folder_.path() / "a.folder");
  EXPECT_EQ(found("a.jpg"), (NameList{"a.AAE", "a.CR2", "a.CR2.xmp", "a.MOV", "a.jpg.json", "a.jpg.pp3",
                                      "a.jpg.supplemental-metadata.json", "a.jpg.xmp", "a.xmp",
                                      "a_01.CR2.xmp", "a_01.jpg.xmp", "a_02.jpg.xmp"}));
}

TEST_F(CompanionsTest, EndingsMayBeCapitals) {
  write({"a.JPG", "a.jpg.xmp", "a.XMP"});
  EXPECT_EQ(found("a.JPG"), (NameList{"a.XMP", "a.jpg.xmp"}));
}

TEST_F(CompanionsTest, DatesAreNoEndings) {
  write({"2024.05", "2024.05.jpg", "2024.05.01.jpg", "2024.jpg"});
  EXPECT_EQ(found("2024.jpg"), NameList{"2024.05"});  // a file of the stem 2024
  EXPECT_EQ(found("2024.05.jpg"), NameList{});
}

TEST_F(CompanionsTest, OtherPicturesAndWhatIsTheirsWait) {
  write({"a.jpg", "a.png", "a.png.json", "a_01.png.xmp", "a.CR2", "a.jpg.png", "b.png"});
  EXPECT_EQ(found("a.jpg"), (NameList{"a.CR2", "a.jpg.png: a.jpg.png", "a.png: a.png", "a.png: a.png.json",
                                      "a.png: a_01.png.xmp"}));
  EXPECT_EQ(finder_.other_pictures(folder_.path() / "a.jpg"), NameList{"a.png"});
  EXPECT_EQ(finder_.other_pictures(folder_.path() / "b.png"), NameList{});
}

TEST_F(CompanionsTest, APartIsNoPictureOfItsOwn) {
  write({"a.jpg", "a.png", "a.JPG", "a.png.json"});
  finder_.count_as_part([](std::string_view name, std::string_view photo) {
    return name.ends_with(".png") && photo.ends_with(".jpg");
  });
  EXPECT_EQ(found("a.jpg"), (NameList{"a.JPG: a.JPG", "a.png", "a.png.json"}));
  EXPECT_EQ(finder_.other_pictures(folder_.path() / "a.jpg"), NameList{"a.JPG"});
  EXPECT_EQ(finder_.parts(folder_.path() / "a.jpg"), NameList{"a.png"});
  EXPECT_EQ(finder_.parts(folder_.path() / "a.png"), NameList{});
}

TEST_F(CompanionsTest, AFolderIsReadOnceAndToldOfNewFiles) {
  write({"a.jpg"});
  EXPECT_EQ(found("a.jpg"), NameList{});
  write({"a.xmp", "a.jpg.xmp"});
  EXPECT_EQ(found("a.jpg"), NameList{});
  finder_.add(folder_.path() / "a.xmp");
  EXPECT_EQ(found("a.jpg"), NameList{"a.xmp"});
}

TEST_F(CompanionsTest, OneKeyForAPhotoByAnyPath) {
  write({"a.jpg"});
  fs::create_directory_symlink(folder_.path(), folder_.path() / "link");
  EXPECT_EQ(finder_.picture_key(folder_.path() / "link" / "a.jpg"),
            finder_.picture_key(folder_.path() / "a.jpg"));
  EXPECT_NE(finder_.picture_key(folder_.path() / "b.jpg"), finder_.picture_key(folder_.path() / "a.jpg"));
}

TEST_F(CompanionsTest, AFolderThatCannotBeListedIsNamed) {
  expect_error(ErrorKind::kOutput, "nowhere: cannot be listed",
               [&] { finder_.find(folder_.path() / "nowhere" / "a.jpg"); });
}

}  // namespace
}  // namespace clipcls
