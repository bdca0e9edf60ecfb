// What a copy keeps, and that a copy that is not whole is none.
#include "photos/place_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string_view>
#include <thread>

#include "files/file_lock.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTags = "user.xdg.tags";

class PlaceFileTest : public testing::Test {
 protected:
  JournalStep step(JournalAction action) const {
    return {action, source_, target_, FileIdentity::of(source_)};
  }
  std::size_t num_files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }

  TemporaryFolder folder_;
  fs::path source_ = folder_.write("source.jpg", std::string(3'000'000, 'x'));
  fs::path target_ = folder_.path() / "target.jpg";
};

TEST_F(PlaceFileTest, ACopyKeepsExtendedAttributes) {
  if (setxattr(source_.c_str(), kTags, "holiday", 7, 0) != 0) GTEST_SKIP() << "no extended attributes here";
  bool keeps_attributes = false;
  EXPECT_TRUE(place_file(step(JournalAction::kCopy), &keeps_attributes));
  EXPECT_TRUE(keeps_attributes);
  std::string value(7, '\0');
  EXPECT_EQ(getxattr(target_.c_str(), kTags, value.data(), value.size()), 7);
  EXPECT_EQ(value, "holiday");
}

TEST_F(PlaceFileTest, AFullDiskLeavesTheSourceAlone) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full = {1'000'000, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  expect_error(ErrorKind::kOutput, "cannot be written", [&] { place_file(step(JournalAction::kCopy)); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(num_files(), 1U);
  EXPECT_EQ(fs::file_size(source_), 3'000'000U);
}

TEST_F(PlaceFileTest, APartialCopyIsNotWrittenThroughALink) {
  const fs::path other = folder_.write("other", "precious");
  fs::create_symlink("other", partial_copy_path(source_, target_));
  EXPECT_TRUE(place_file(step(JournalAction::kCopy)));
  EXPECT_EQ(fs::file_size(other), 8U);
  EXPECT_FALSE(fs::is_symlink(target_));
  EXPECT_EQ(num_files(), 3U);
}

TEST_F(PlaceFileTest, WhatAnInterruptedRunLeftIsReplaced) {
  const fs::path partial = partial_copy_path(source_, target_);
  std::ofstream(partial) << "half";
  EXPECT_TRUE(place_file(step(JournalAction::kCopy)));
  EXPECT_EQ(fs::file_size(target_), 3'000'000U);
  EXPECT_FALSE(fs::exists(partial));
}

TEST_F(PlaceFileTest, TheCopyThatAnotherRunIsMakingStays) {
  const fs::path partial = partial_copy_path(source_, target_);
  std::ofstream(partial) << "half";
  {
    const FileDescriptor other = open_file(partial, O_WRONLY);
    ASSERT_TRUE(try_lock(other.number()));
    expect_error(ErrorKind::kOutput, "another clipcls is copying it",
                 [&] { place_file(step(JournalAction::kCopy)); });
    EXPECT_EQ(fs::file_size(partial), 4U);
  }
  EXPECT_TRUE(place_file(step(JournalAction::kCopy)));
}

// Each thread has descriptors of its own, as another process would have.
TEST_F(PlaceFileTest, RunsThatCopyAtOnceNeverShareACopy) {
  for (int round = 0; round < 30; ++round) {
    const JournalStep copied = step(JournalAction::kCopy);
    std::atomic<int> num_placed = 0;
    const auto place = [&] {
      try {
        num_placed += place_file(copied) ? 1 : 0;
        EXPECT_EQ(fs::file_size(target_), 3'000'000U);
      } catch (const Error& error) {
        EXPECT_NE(std::string_view(error.what()).find("another clipcls is copying it"),
                  std::string_view::npos)
            << error.what();
      }
    };
    {
      const std::jthread first(place);
      const std::jthread second(place);
      const std::jthread third(place);
    }
    EXPECT_LE(num_placed, 1);
    EXPECT_EQ(num_placed > 0, has_equal_bytes(source_, target_));
    EXPECT_FALSE(fs::exists(partial_copy_path(source_, target_)));
    fs::remove(target_);
  }
}

TEST_F(PlaceFileTest, WhatIsNoFileIsNotCopied) {
  fs::remove(source_);
  ASSERT_EQ(mkfifo(source_.c_str(), 0600), 0);
  expect_error(ErrorKind::kOutput, "is not an ordinary file",
               [&] { place_file(step(JournalAction::kCopy)); });
  EXPECT_EQ(num_files(), 1U);
}

TEST_F(PlaceFileTest, ANameThatCannotBeLookedAtIsNotTakenForAFreeOne) {
  expect_error(ErrorKind::kOutput, "cannot be looked at",
               [&] { is_taken(folder_.path() / std::string(300, 'x')); });
  EXPECT_FALSE(is_taken(source_ / "below"));
  EXPECT_TRUE(is_taken(source_));
}

}  // namespace
}  // namespace clipcls
