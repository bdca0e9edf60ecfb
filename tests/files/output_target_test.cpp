#include "files/output_target.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kResults = "{\"image\":\"a.png\",\"predictions\":[]}\n";
constexpr const char* kRemedy = "say so twice";

class OutputTargetTest : public testing::Test {
 protected:
  OutputTarget target(const std::string& path, bool replaces_anything = false,
                      const FilesInUse& inputs = {}) const {
    return {{.path = path, .replaces_anything = replaces_anything, .remedy = kRemedy}, inputs};
  }
  void expect_refused(ErrorKind kind, const std::string& part, const std::string& path,
                      bool replaces_anything, const FilesInUse& inputs = {}) const {
    expect_error(kind, part, [&] { target(path, replaces_anything, inputs); });
  }
  std::string in_folder(const std::string& name) const { return (folder.path() / name).string(); }

  TemporaryFolder folder;
};

TEST_F(OutputTargetTest, ReplacesWhatIsOfItsKind) {
  EXPECT_EQ(target(folder.write("results", kResults)).path(), in_folder("results"));
  target(folder.write("empty", ""));
  target(in_folder("new"));
  EXPECT_TRUE(target("").is_standard_output());
}

TEST_F(OutputTargetTest, ReplacesNothingElseUnlessToldSo) {
  const std::string photo = folder.write("b.png", "\x89PNG");
  expect_refused(ErrorKind::kOutput, "b.png: exists and is not results of clipcls, so it stays; say so twice",
                 photo, false);
  EXPECT_EQ(target(photo, true).path(), photo);
}

TEST_F(OutputTargetTest, WhatCameInBetweenIsNotReplaced) {
  const OutputTarget new_one = target(in_folder("new"));
  new_one.require_replaceable();
  folder.write("new", "mine");
  expect_error(ErrorKind::kOutput, "new: exists", [&] { new_one.require_replaceable(); });
}

TEST_F(OutputTargetTest, NoInputIsReplacedByWhateverName) {
  const std::string list = folder.write("list", kResults);
  fs::create_hard_link(list, in_folder("hard"));
  fs::create_symlink("list", in_folder("soft"));
  const std::string model = in_folder("model");
  fs::create_directory(model);
  fs::create_symlink("../list", fs::path(model) / "config.json");
  for (const char* name : {"list", "hard", "soft"}) {
    for (const FilesInUse& inputs : {FilesInUse{{"nothing", list}, {}}, FilesInUse{{}, {"nothing", model}}}) {
      expect_refused(ErrorKind::kInvalidArgument, "would replace the input", in_folder(name), true, inputs);
    }
    expect_error(ErrorKind::kInvalidArgument, "would replace the input",
                 [&] { target(in_folder(name)).require_is_not(list); });
  }
  target(folder.write("other", kResults)).require_is_not(list);
  target(in_folder("new")).require_is_not(list);
}

TEST_F(OutputTargetTest, FollowsSymbolicLinks) {
  folder.write("real", kResults);
  fs::create_directory(folder.path() / "links");
  fs::create_symlink("../real", in_folder("links/one"));
  fs::create_symlink("one", in_folder("links/two"));
  fs::create_symlink("../not there yet", in_folder("links/dangling"));
  EXPECT_EQ(target(in_folder("links/two")).path().filename(), "real");
  EXPECT_EQ(target(in_folder("links/dangling")).path().filename(), "not there yet");
  fs::create_symlink("circle", in_folder("circle"));
  expect_refused(ErrorKind::kOutput, "circle", in_folder("circle"), true);
}

TEST_F(OutputTargetTest, PipesAndDevicesAndOpenFilesAreStreams) {
  ASSERT_EQ(mkfifo(in_folder("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(target(in_folder("pipe")).is_stream());
  EXPECT_TRUE(target("/dev/null").is_stream());
  const int descriptor = open(folder.write("open", "a photo").c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_TRUE(target("/dev/fd/" + std::to_string(descriptor)).is_stream());
  close(descriptor);
}

TEST_F(OutputTargetTest, FoldersAreRefused) {
  expect_refused(ErrorKind::kOutput, "is a folder", folder.path().string(), true);
}

TEST_F(OutputTargetTest, WhatNobodyMayWriteIsRefusedAlsoAsRoot) {
  const std::string file = folder.write("results", kResults);
  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read);
  expect_refused(ErrorKind::kOutput, "may not be written (its mode is 0440)", file, false);
  expect_refused(ErrorKind::kOutput, "may not be written (its mode is 0440)", file, true);
}

TEST_F(OutputTargetTest, TwoOutputsOfARunAreTwoFiles) {
  folder.write("old", kResults);
  fs::create_symlink("new", in_folder("link"));
  for (const char* name : {"old", "new", "link"}) {
    const OutputTarget one = target(in_folder(name));
    const OutputTarget same =
        target((folder.path() / "." / (name == std::string("link") ? "new" : name)).string());
    expect_error(ErrorKind::kInvalidArgument, "two outputs of this run", [&] { one.require_apart(same); });
    one.require_apart(target(in_folder("third")));
    one.require_apart(target(""));
  }
  expect_error(ErrorKind::kInvalidArgument, "standard output", [&] { target("").require_apart(target("")); });
  target("/dev/null").require_apart(target("/dev/null"));
}

TEST_F(OutputTargetTest, FilesBesideHaveTheSameRule) {
  const OutputTarget results = target(in_folder("results"));
  EXPECT_EQ(results.beside(".partial", OutputKind::kResults).path(), in_folder("results.partial"));
  folder.write("results.partial", "a download");
  expect_error(ErrorKind::kOutput, "results.partial: exists and is not results",
               [&] { results.beside(".partial", OutputKind::kResults); });
}

TEST_F(OutputTargetTest, TheModeIsKept) {
  const std::string file = folder.write("results", kResults);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  const std::string partial = folder.write("partial", "");
  const int descriptor = open(partial.c_str(), O_WRONLY | O_CLOEXEC);
  target(file).keep_mode(descriptor);
  close(descriptor);
  EXPECT_EQ(fs::status(partial).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace
}  // namespace clipcls
