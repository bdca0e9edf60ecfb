// What an interruption at any moment leaves behind, and what others have done to the files since.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "photos/file_journal.h"
#include "photos/place_file.h"
#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class UndoTest : public testing::Test {
 protected:
  JournalStep step(JournalAction action) const {
    return {action, source_, target_, FileIdentity::of(source_)};
  }

  TemporaryFolder folder_;
  fs::path source_ = folder_.write("source.jpg", "photo");
  fs::path target_ = folder_.path() / "target.jpg";
};

TEST_F(UndoTest, TakesBackEachActionOnce) {
  for (const JournalAction action :
       {JournalAction::kCopy, JournalAction::kMove, JournalAction::kHardLink, JournalAction::kSymbolicLink}) {
    const JournalStep done = step(action);
    ASSERT_TRUE(place_file(done));
    ASSERT_TRUE(fs::exists(target_));
    EXPECT_TRUE(undo_step(done));
    EXPECT_FALSE(fs::exists(fs::symlink_status(target_)));
    EXPECT_EQ(content(source_), "photo");
    EXPECT_FALSE(undo_step(done));  // once more changes nothing
  }
}

TEST_F(UndoTest, AStepThatWasNotBegunIsNone) {
  for (const JournalAction action :
       {JournalAction::kCopy, JournalAction::kMove, JournalAction::kHardLink, JournalAction::kSymbolicLink})
    EXPECT_FALSE(undo_step(step(action)));
  EXPECT_EQ(content(source_), "photo");
}

TEST_F(UndoTest, AnInterruptedCopyLeavesNothing) {
  const JournalStep begun = step(JournalAction::kCopy);
  std::ofstream(partial_copy_path(source_, target_)) << "pho";
  EXPECT_TRUE(undo_step(begun));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_.path()), {}), 1);
}

TEST_F(UndoTest, AMoveThatWasInterruptedBeforeTheSourceWent) {
  const JournalStep begun = step(JournalAction::kMove);
  fs::copy_file(source_, target_);
  EXPECT_TRUE(undo_step(begun));
  EXPECT_FALSE(fs::exists(target_));
  EXPECT_EQ(content(source_), "photo");

  fs::create_hard_link(source_, target_);
  EXPECT_TRUE(undo_step(begun));
  EXPECT_FALSE(fs::exists(target_));
}

TEST_F(UndoTest, AMoveOntoAForeignFileWasNeverDone) {
  const JournalStep begun = step(JournalAction::kMove);
  std::ofstream(target_) << "foreign";
  EXPECT_FALSE(place_file(begun));
  EXPECT_FALSE(undo_step(begun));
  EXPECT_EQ(content(target_), "foreign");
}

TEST_F(UndoTest, AMovedPhotoThatWasEditedInPlaceComesBack) {
  const JournalStep done = step(JournalAction::kMove);
  place_file(done);
  std::ofstream(target_, std::ios::app) << " edited";
  EXPECT_TRUE(undo_step(done));
  EXPECT_EQ(content(source_), "photo edited");
}

TEST_F(UndoTest, NothingIsLost) {
  const JournalStep moved = step(JournalAction::kMove);
  place_file(moved);
  std::ofstream(source_) << "new under the old name";
  expect_error(ErrorKind::kOutput, "another file is now called", [&] { undo_step(moved); });
  EXPECT_EQ(content(target_), "photo");
  EXPECT_EQ(content(source_), "new under the old name");

  const std::string other = folder_.write("other", "another file, longer");
  fs::remove(source_);
  fs::remove(target_);
  expect_error(ErrorKind::kOutput, "is not there any more", [&] { undo_step(moved); });
  fs::rename(other, target_);
  expect_error(ErrorKind::kOutput, "not the file that was moved", [&] { undo_step(moved); });
  EXPECT_EQ(content(target_), "another file, longer");
}

TEST_F(UndoTest, TheLastCopyIsKept) {
  const JournalStep copied = step(JournalAction::kCopy);
  place_file(copied);
  std::ofstream(target_, std::ios::app) << " edited";
  expect_error(ErrorKind::kOutput, "no longer, a copy", [&] { undo_step(copied); });
  fs::remove(source_);
  expect_error(ErrorKind::kOutput, "the last copy", [&] { undo_step(copied); });
  EXPECT_EQ(content(target_), "photo edited");
}

TEST_F(UndoTest, ALinkThatIsNoneIsKept) {
  const JournalStep linked = step(JournalAction::kHardLink);
  std::ofstream(target_) << "photo";
  expect_error(ErrorKind::kOutput, "stays", [&] { undo_step(linked); });
  expect_error(ErrorKind::kOutput, "stays", [&] { undo_step(step(JournalAction::kSymbolicLink)); });
  EXPECT_EQ(content(target_), "photo");
}

TEST_F(UndoTest, OnlyEmptyFoldersGo) {
  fs::create_directories(folder_.path() / "a/b");
  const JournalStep made = {JournalAction::kMakeFolder, {}, folder_.path() / "a"};
  EXPECT_FALSE(undo_step(made));
  fs::remove(folder_.path() / "a/b");
  EXPECT_TRUE(undo_step(made));
}

TEST_F(UndoTest, TheLastNameOfAFileStays) {
  // Both folders have become one: the two paths are one entry.
  fs::create_directories(folder_.path() / "sorted");
  const fs::path photo = folder_.write("sorted/a.jpg", "photo");
  fs::create_directory_symlink("sorted", folder_.path() / "photos");
  for (const JournalAction action : {JournalAction::kMove, JournalAction::kHardLink}) {
    const JournalStep step = {action, folder_.path() / "photos" / "a.jpg", photo, FileIdentity::of(photo)};
    expect_error(ErrorKind::kOutput, "by another path", [&] { undo_step(step); });
    EXPECT_EQ(content(photo), "photo");
    fs::create_hard_link(photo, folder_.path() / "second");
    expect_error(ErrorKind::kOutput, "by another path", [&] { undo_step(step); });
    fs::remove(folder_.path() / "second");
  }
}

TEST_F(UndoTest, AFileThatWasThereBeforeAMoveStays) {
  const JournalStep begun = step(JournalAction::kMove);
  std::ofstream(target_) << "photo";  // equal, and older: no half-done move has left it
  fs::last_write_time(target_, fs::last_write_time(source_) - std::chrono::hours(1));
  EXPECT_FALSE(undo_step(begun));
  EXPECT_EQ(content(target_), "photo");
}

}  // namespace
}  // namespace clipcls
