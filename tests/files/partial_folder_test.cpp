#include "files/partial_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

class PartialFolderTest : public testing::Test {
 protected:
  FolderRequest request(bool replaces = false) const {
    return {.path = output, .kind = OutputKind::kModelFolder, .replaces = replaces, .remedy = "say so twice"};
  }
  void fill(const fs::path& path, const std::string& content) const {
    std::ofstream(path / "config.json") << content;
  }
  std::string content() const {
    std::ifstream file(output / "config.json");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::ptrdiff_t num_entries() const { return std::distance(fs::directory_iterator(folder.path()), {}); }

  TemporaryFolder folder;
  fs::path output = folder.path() / "model";
};

TEST_F(PartialFolderTest, ShowsUpWholeOrNotAtAll) {
  {
    const PartialFolder partial(request());
    fill(partial.path(), "half");
  }
  EXPECT_EQ(num_entries(), 0);
  PartialFolder partial(request());
  fill(partial.path(), "whole");
  EXPECT_FALSE(fs::exists(output));
  partial.commit();
  EXPECT_EQ(content(), "whole");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(PartialFolderTest, OneOfItsKindIsReplacedOnlyWhenToldSo) {
  fs::create_directory(output);
  fill(output, "old");
  expect_error(ErrorKind::kOutput, "model: exists already; say so twice",
               [&] { PartialFolder partial(request()); });
  PartialFolder partial(request(true));
  fill(partial.path(), "new");
  EXPECT_EQ(content(), "old");
  partial.commit();
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(PartialFolderTest, AnythingElseAlwaysStays) {
  fs::create_directory(output);
  fill(output, "old");
  folder.write("model/photo.png", "x");
  for (const bool replaces : {false, true})
    expect_error(ErrorKind::kOutput, "is not a model folder alone, so it stays",
                 [&] { PartialFolder partial(request(replaces)); });
  fs::remove_all(output);
  folder.write("model", "a file");
  for (const bool replaces : {false, true})
    expect_error(ErrorKind::kOutput, "is not a model folder alone, so it stays",
                 [&] { PartialFolder partial(request(replaces)); });
  EXPECT_EQ(num_entries(), 1);
}

TEST_F(PartialFolderTest, WhatCameInBetweenStays) {
  PartialFolder partial(request(true));
  fs::create_directory(output);
  folder.write("model/photo.png", "x");
  expect_error(ErrorKind::kOutput, "so it stays", [&] { partial.commit(); });
  EXPECT_TRUE(fs::exists(output / "photo.png"));
}

TEST_F(PartialFolderTest, AnEmptyFolderMayBeFilled) {
  fs::create_directory(output);
  PartialFolder partial(request());
  fill(partial.path(), "new");
  partial.commit();
  EXPECT_EQ(content(), "new");
}

TEST_F(PartialFolderTest, ALinkLeadsToTheFolder) {
  fs::create_directory(folder.path() / "disk");
  fs::create_directory_symlink("disk/model", output);
  PartialFolder partial(request());
  fill(partial.path(), "new");
  partial.commit();
  EXPECT_TRUE(fs::is_symlink(output));
  EXPECT_EQ(content(), "new");
}

TEST_F(PartialFolderTest, StandardOutputIsNoFolder) {
  expect_error(ErrorKind::kInvalidArgument, "standard output", [] { PartialFolder partial({.path = "-"}); });
}

}  // namespace
}  // namespace clipcls
