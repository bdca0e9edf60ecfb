#include "pipeline/folder_walk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/ordinary_user.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

class FolderWalkTest : public testing::Test {
 protected:
  void make(const std::string& name) const {
    fs::create_directories((root / name).parent_path());
    folder.write("root/" + name, "x");
  }

  /// Paths below the root; "!" in front of those that are errors.
  Paths walk(bool is_recursive, std::vector<std::string> excluded = {},
             RawFiles raw_files = RawFiles::kUnlessDeveloped) {
    FolderWalk images(
        root.string(),
        {.is_recursive = is_recursive, .raw_files = raw_files, .excluded = std::move(excluded)});
    Paths paths;
    while (const std::optional<ImageInput> input = images.next()) {
      std::string path = fs::path(input->path).lexically_relative(root).string();
      if (input->error) path.insert(0, 1, '!');
      paths.push_back(std::move(path));
    }
    warning = images.warning();
    return paths;
  }

  TemporaryFolder folder;
  fs::path root = folder.path() / "root";
  std::string warning;

  FolderWalkTest() { fs::create_directory(root); }
};

TEST_F(FolderWalkTest, GivesImagesInNaturalOrderAndFoldersAfterThem) {
  for (const char* name : {"img10.jpg", "img2.JPG", "z.webp", "a/2.png", "a/b/1.gif", "A/1.bmp", "notes.txt",
                           "b10/x.png", "b9/x.png", "noending"}) {
    make(name);
  }
  EXPECT_EQ(walk(false), (Paths{"img2.JPG", "img10.jpg", "z.webp"}));
  EXPECT_EQ(walk(true), (Paths{"img2.JPG", "img10.jpg", "z.webp", "A/1.bmp", "a/2.png", "a/b/1.gif",
                               "b9/x.png", "b10/x.png"}));
  EXPECT_EQ(warning, "");
}

TEST_F(FolderWalkTest, LeavesOutWhatIsExcluded) {
  for (const char* name : {"a.jpg", "a_thumb.jpg", "x/b.jpg", "x/y/c.jpg", "x/y/d_thumb.jpg", "y/e.jpg"})
    make(name);
  EXPECT_EQ(walk(true, {"*_thumb.jpg"}), (Paths{"a.jpg", "x/b.jpg", "x/y/c.jpg", "y/e.jpg"}));
  EXPECT_EQ(walk(true, {"y"}), (Paths{"a.jpg", "a_thumb.jpg", "x/b.jpg"}));
  EXPECT_EQ(walk(true, {"/y", "x/*.jpg"}), (Paths{"a.jpg", "a_thumb.jpg", "x/y/c.jpg", "x/y/d_thumb.jpg"}));
  EXPECT_EQ(walk(false, {"a.jpg/"}), (Paths{"a.jpg", "a_thumb.jpg"}));
}

TEST_F(FolderWalkTest, ARawFileCountsUnlessItsJpegLiesBeside) {
  for (const char* name : {"a.CR2", "a.jpg", "b.nef", "c.DNG", "c.cr3", "c.HEIC", "d.arw", "d.png",
                           "e.raf.jpg", "e.raf", "x/a.JPG", "y/a.jpg.cr2", "y/B.jpg", "y/b.cr2"})
    make(name);
  EXPECT_EQ(walk(true), (Paths{"a.jpg", "b.nef", "c.HEIC", "d.arw", "d.png", "e.raf", "e.raf.jpg", "x/a.JPG",
                               "y/B.jpg", "y/a.jpg.cr2", "y/b.cr2"}));
  // Of a pair whose JPEG is left out the raw file is left.
  EXPECT_EQ(walk(false, {"*.jpg"}), (Paths{"a.CR2", "b.nef", "c.HEIC", "d.arw", "d.png", "e.raf"}));
  EXPECT_EQ(walk(false, {}, RawFiles::kAll), (Paths{"a.CR2", "a.jpg", "b.nef", "c.DNG", "c.HEIC", "c.cr3",
                                                    "d.arw", "d.png", "e.raf", "e.raf.jpg"}));
  EXPECT_EQ(walk(false, {}, RawFiles::kNone), (Paths{"a.jpg", "c.HEIC", "d.png", "e.raf.jpg"}));
  EXPECT_EQ(warning, "");
}

TEST_F(FolderWalkTest, LeavesJunkOut) {
  for (const char* name : {"._a.jpg", ".hidden.png", ".git/a.png", "@eaDir/a.jpg/thumb.jpg", "Thumbs.db",
                           "__MACOSX/._a.jpg", "$RECYCLE.BIN/a.jpg", "a.jpg"}) {
    make(name);
  }
  EXPECT_EQ(walk(true), Paths{"a.jpg"});
}

TEST_F(FolderWalkTest, NamesMayHoldAnyByte) {
  make("a\nb.png");
  make("\xFF.png");
  EXPECT_EQ(walk(false), (Paths{"a\nb.png", "\xFF.png"}));
}

TEST_F(FolderWalkTest, MeetsNoFileTwice) {
  make("a/1.png");
  make(".store/2.png");
  fs::create_directories(folder.path() / "elsewhere" / "deep");
  folder.write("elsewhere/3.png", "x");
  folder.write("elsewhere/deep/4.png", "x");
  fs::create_directory_symlink("..", root / "a" / "loop");
  fs::create_directory_symlink(root, root / "self");
  fs::create_directory_symlink(folder.path(), root / "above");
  fs::create_directory_symlink("a", root / "again");
  fs::create_directory_symlink(folder.path() / "elsewhere", root / "other");
  fs::create_directory_symlink(folder.path() / "elsewhere" / "deep", root / "other2");
  fs::create_directory_symlink(root, folder.path() / "elsewhere" / "back");
  fs::create_symlink("a/1.png", root / "one.png");
  fs::create_symlink(".store/2.png", root / "two.png");  // as git-annex keeps files
  EXPECT_EQ(walk(true), (Paths{"two.png", "a/1.png", "other/3.png", "other/deep/4.png"}));
  EXPECT_EQ(walk(false), (Paths{"one.png", "two.png"}));
}

TEST_F(FolderWalkTest, ALinkThatLeadsNowhereIsAnImageThatFails) {
  fs::create_symlink("/nonexistent.png", root / "gone.png");
  fs::create_symlink("circle.png", root / "circle.png");
  EXPECT_EQ(walk(true), (Paths{"circle.png", "gone.png"}));
}

TEST_F(FolderWalkTest, SaysWhatAFolderWithoutImagesHolds) {
  EXPECT_EQ(walk(true), Paths{});
  EXPECT_EQ(warning, root.string() + ": no images in this folder");
  make("sub/a.png");
  EXPECT_EQ(walk(false), Paths{});
  EXPECT_EQ(warning,
            root.string() + ": no images in this folder; `is_recursive` takes those of the folders in it");
  make("a.3FR");
  make("b.svg");
  EXPECT_EQ(walk(true), Paths{"sub/a.png"});
  EXPECT_EQ(warning,
            root.string() + ": 2 files left out, whose format is not read from folders (.3FR, .svg)");
}

TEST_F(FolderWalkTest, AFolderThatCannotBeListedIsAnErrorAndTheWalkGoesOn) {
  make("a/1.png");
  make("b/2.png");
  ASSERT_EQ(chmod((root / "a").c_str(), 0), 0);
  {
    const OrdinaryUser user(folder.path());
    EXPECT_EQ(walk(true), (Paths{"!a", "b/2.png"}));
  }
  chmod((root / "a").c_str(), 0700);
}

TEST_F(FolderWalkTest, AFolderThatIsGoneIsAnError) {
  fs::remove(root);
  EXPECT_EQ(walk(true), Paths{"!."});
}

}  // namespace
}  // namespace clipcls
