#include "photos/photo_sorter.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class PhotoSorterTest : public testing::Test {
 protected:
  PhotoSorter sorter(JournalAction action, bool is_dry_run = false) {
    return PhotoSorter(LabelFolder((out_ / "{label}").string()),
                       {action, is_dry_run,
                        std::make_shared<CompanionFinder>([](auto name) { return name.ends_with(".jpg"); })});
  }

  TemporaryFolder folder_;
  fs::path out_ = folder_.path() / "out";
  std::string photo_ = folder_.write("a.jpg", "photo");
};

TEST_F(PhotoSorterTest, MovesWithTheSidecar) {
  folder_.write("a.jpg.xmp", "sidecar");
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_EQ(sorter.sort(photo_, "cat").target, out_ / "cat/a.jpg");
  EXPECT_FALSE(fs::exists(photo_));
  EXPECT_EQ(content(out_ / "cat/a.jpg"), "photo");
  EXPECT_EQ(content(out_ / "cat/a.jpg.xmp"), "sidecar");
}

TEST_F(PhotoSorterTest, NumbersWhatIsTakenForAllFilesAlike) {
  folder_.write("a.jpg.xmp", "sidecar");
  fs::create_directories(out_ / "cat");
  folder_.write("out/cat/a.jpg", "another");
  folder_.write("out/cat/a-2.jpg.xmp", "an orphan");
  EXPECT_EQ(sorter(JournalAction::kCopy).sort(photo_, "cat").target, out_ / "cat/a-3.jpg");
  EXPECT_EQ(content(out_ / "cat/a.jpg"), "another");
  EXPECT_EQ(content(out_ / "cat/a-2.jpg.xmp"), "an orphan");
  EXPECT_EQ(content(out_ / "cat/a-3.jpg.xmp"), "sidecar");
}

TEST_F(PhotoSorterTest, CopiesKeepTheirDateAndPermissions) {
  fs::permissions(photo_, fs::perms::owner_read | fs::perms::owner_write);
  fs::last_write_time(photo_, fs::last_write_time(photo_) - std::chrono::hours(1000));
  const fs::path copy = sorter(JournalAction::kCopy).sort(photo_, "cat").target;
  EXPECT_EQ(fs::last_write_time(copy), fs::last_write_time(photo_));
  EXPECT_EQ(fs::status(copy).permissions(), fs::status(photo_).permissions());
  EXPECT_EQ(std::distance(fs::directory_iterator(copy.parent_path()), {}), 1);  // nothing partial is left
}

TEST_F(PhotoSorterTest, WhatIsThereAlreadyIsNotDoneAgain) {
  for (const JournalAction action :
       {JournalAction::kCopy, JournalAction::kHardLink, JournalAction::kSymbolicLink}) {
    fs::remove_all(out_);
    EXPECT_TRUE(sorter(action).sort(photo_, "cat").is_new);
    const PhotoSorter::Placement again = sorter(action).sort(photo_, "cat");
    EXPECT_FALSE(again.is_new);
    EXPECT_EQ(again.target, out_ / "cat/a.jpg");
  }
  EXPECT_TRUE(sorter(JournalAction::kMove).sort(photo_, "dog").is_new);
  EXPECT_FALSE(sorter(JournalAction::kMove).sort(out_ / "dog/a.jpg", "dog").is_new);
}

TEST_F(PhotoSorterTest, AMoveNeverDropsAnEqualFile) {
  fs::create_directories(folder_.path() / "b");
  const std::string same_name = folder_.write("b/a.jpg", "photo");
  PhotoSorter sorter = this->sorter(JournalAction::kMove);
  sorter.sort(photo_, "cat");
  EXPECT_EQ(sorter.sort(same_name, "cat").target, out_ / "cat/a-2.jpg");
  EXPECT_TRUE(fs::exists(out_ / "cat/a.jpg"));
}

TEST_F(PhotoSorterTest, LinksAreWhatTheySay) {
  const fs::path hard = sorter(JournalAction::kHardLink).sort(photo_, "hard").target;
  EXPECT_TRUE(fs::equivalent(hard, photo_));
  EXPECT_FALSE(fs::is_symlink(hard));
  const fs::path symbolic = sorter(JournalAction::kSymbolicLink).sort(photo_, "symbolic").target;
  EXPECT_EQ(fs::read_symlink(symbolic), photo_);
}

TEST_F(PhotoSorterTest, ASymbolicLinkIsNotMoved) {
  const fs::path link = folder_.path() / "link.jpg";
  fs::create_symlink("a.jpg", link);
  expect_error(ErrorKind::kOutput, "is a symbolic link",
               [&] { sorter(JournalAction::kMove).sort(link, "cat"); });
  EXPECT_TRUE(fs::exists(link));
  const fs::path copy = sorter(JournalAction::kCopy).sort(link, "cat").target;
  EXPECT_FALSE(fs::is_symlink(copy));
  EXPECT_EQ(content(copy), "photo");
}

TEST_F(PhotoSorterTest, ADryRunKnowsItsOwnCollisions) {
  fs::create_directories(folder_.path() / "b");
  const std::string same_name = folder_.write("b/a.jpg", "another");
  PhotoSorter sorter = this->sorter(JournalAction::kMove, true);
  EXPECT_EQ(sorter.sort(photo_, "cat").target, out_ / "cat/a.jpg");
  EXPECT_EQ(sorter.sort(same_name, "cat").target, out_ / "cat/a-2.jpg");
  EXPECT_FALSE(fs::exists(out_));
  EXPECT_FALSE(sorter.journal());
}

TEST_F(PhotoSorterTest, AMissingPhotoIsNamed) {
  expect_error(ErrorKind::kOutput, "given twice",
               [&] { sorter(JournalAction::kMove).sort(folder_.path() / "gone.jpg", "cat"); });
}

TEST_F(PhotoSorterTest, TheRootIsCheckedFirst) {
  expect_error(ErrorKind::kOutput, "is not a folder",
               [&] { PhotoSorter(LabelFolder(photo_ + "/{label}"), {}); });
  expect_error(ErrorKind::kOutput, "is not a folder",
               [&] { PhotoSorter(LabelFolder(photo_ + "/below/{label}"), {}); });
}

TEST_F(PhotoSorterTest, MovesToAnotherFileSystem) {
  struct stat here {};
  struct stat there {};
  if (stat("/dev/shm", &there) != 0 || stat(photo_.c_str(), &here) != 0 || here.st_dev == there.st_dev)
    GTEST_SKIP() << "/dev/shm is no other file system";
  std::string name = "/dev/shm/clipcls-test-XXXXXX";
  const fs::path other = mkdtemp(name.data());
  const auto date = fs::last_write_time(photo_);
  PhotoSorter sorter(LabelFolder((other / "{label}").string()), {JournalAction::kMove, false, nullptr});
  const fs::path target = sorter.sort(photo_, "cat").target;
  EXPECT_FALSE(fs::exists(photo_));
  EXPECT_EQ(content(target), "photo");
  EXPECT_EQ(fs::last_write_time(target), date);
  PhotoSorter linker(LabelFolder((other / "{label}").string()), {JournalAction::kHardLink, false, nullptr});
  expect_error(ErrorKind::kOutput, "`symlink`", [&] { linker.sort(folder_.write("b.jpg", "b"), "cat"); });
  for (const JournalStep& step : read_journal(sorter.journal()->path()).steps) {
    if (step.action == JournalAction::kMove) {
      EXPECT_TRUE(undo_step(step));
    }
  }
  EXPECT_EQ(content(photo_), "photo");
  EXPECT_FALSE(fs::exists(target));
  fs::remove_all(other);
}

}  // namespace
}  // namespace clipcls
