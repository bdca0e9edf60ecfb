#include "files/atomic_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <stdexcept>
#include <string>

#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  mode_t mode() const {
    struct stat status = {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }
  std::ptrdiff_t num_entries() const { return std::distance(fs::directory_iterator(folder.path()), {}); }

  TemporaryFolder folder;
  fs::path path = folder.path() / "results.csv";
};

TEST_F(AtomicFileTest, TheOldFileIsThereUntilTheNewOneIsWhole) {
  folder.write("results.csv", "old");
  AtomicFile file(path, Links::kFollowed);
  file.write("ne");
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(content(file.path()), "ne");
  EXPECT_EQ(file.path().parent_path(), folder.path());
  file.write("w");
  file.commit();
  EXPECT_EQ(content(path), "new");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, AnExceptionLeavesNothingHalfWritten) {
  folder.write("results.csv", "old");
  EXPECT_THROW(
      {
        AtomicFile file(path, Links::kFollowed);
        file.write("half");
        throw std::runtime_error("it stops here");
      },
      std::runtime_error);
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, ALinkInAPlaceOfOurOwnIsReplacedAndWhatItLedToIsNotTouched) {
  folder.write("precious.txt", "precious");
  fs::create_symlink(folder.path() / "precious.txt", path);
  write_file(path, "new", Links::kReplaced);
  EXPECT_EQ(content(folder.path() / "precious.txt"), "precious");
  EXPECT_FALSE(fs::is_symlink(path));
  EXPECT_EQ(content(path), "new");
}

TEST_F(AtomicFileTest, AFullDiskLeavesTheOldFile) {
  folder.write("results.csv", "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {1 << 20, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  expect_error(ErrorKind::kOutput, "results.csv: writing failed; is the disk full? (File too large)",
               [&] { write_file(path, std::string(2 << 20, 'x'), Links::kFollowed); });
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, old_handler);
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, TheModeIsKept) {
  folder.write("results.csv", "old");
  chmod(path.c_str(), 0640);
  write_file(path, "new", Links::kFollowed);
  EXPECT_EQ(mode(), 0640U);
}

TEST_F(AtomicFileTest, ANewFileHasTheModeThatTheUserWants) {
  const mode_t old_mask = umask(027);
  write_file(path, "new", Links::kFollowed);
  umask(old_mask);
  EXPECT_EQ(mode(), 0640U);
  fs::remove(path);
  AtomicFile file(path, Links::kFollowed, 0600);
  file.commit();
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(AtomicFileTest, ALinkStaysAndLeadsToTheNewFile) {
  fs::create_directory(folder.path() / "elsewhere");
  folder.write("elsewhere/real.csv", "old");
  fs::create_symlink("elsewhere/real.csv", path);
  write_file(path, "new", Links::kFollowed);
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_EQ(content(folder.path() / "elsewhere/real.csv"), "new");
  EXPECT_EQ(num_entries(), 2);
}

TEST_F(AtomicFileTest, TheLongestNameHasRoom) {
  const fs::path longest = folder.path() / std::string(255, 'n');
  write_file(longest, "new", Links::kFollowed);
  EXPECT_EQ(content(longest), "new");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, TwoWritersDoNotMeet) {
  AtomicFile first(path, Links::kFollowed);
  AtomicFile second(path, Links::kFollowed);
  EXPECT_NE(first.path(), second.path());
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(content(path), "first");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, APartialFileOfOthersStays) {
  const fs::path partial = folder.write("results.csv.partial", "rows\n");
  {
    AtomicFile file(path, partial, "results.csv");
    file.write("more\n");
  }
  EXPECT_EQ(content(partial), "rows\nmore\n");
  AtomicFile file(path, partial, "results.csv");
  file.commit();
  EXPECT_EQ(content(path), "rows\nmore\n");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(AtomicFileTest, NamesTheFileThatCannotBeMade) {
  expect_error(ErrorKind::kOutput, "none/x.csv: cannot be written; check that its folder exists",
               [&] { write_file(folder.path() / "none/x.csv", "x", Links::kFollowed); });
}

}  // namespace
}  // namespace clipcls
