#include "files/put_in_place.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

TEST(RenameWithoutReplacing, LeavesWhatIsThere) {
  const TemporaryFolder folder;
  const fs::path source = folder.write("source", "new");
  const fs::path target = folder.write("target", "old");
  EXPECT_EQ(rename_without_replacing(source, target), EEXIST);
  EXPECT_EQ(content(source), "new");
  EXPECT_EQ(content(target), "old");
  EXPECT_EQ(rename_without_replacing(source, folder.path() / "free"), 0);
  EXPECT_EQ(content(folder.path() / "free"), "new");
  EXPECT_FALSE(fs::exists(source));
  EXPECT_EQ(rename_without_replacing(source, folder.path() / "other"), ENOENT);
}

TEST(ExchangeNames, OfTwoFoldersOfFiles) {
  const TemporaryFolder folder;
  for (const char* name : {"first", "second"}) {
    fs::create_directory(folder.path() / name);
    folder.write(std::string(name) + "/file", name);
  }
  EXPECT_EQ(exchange_names(folder.path() / "first", folder.path() / "second", folder.path() / "aside"), 0);
  EXPECT_EQ(content(folder.path() / "first/file"), "second");
  EXPECT_EQ(content(folder.path() / "second/file"), "first");
  EXPECT_FALSE(fs::exists(folder.path() / "aside"));
}

TEST(NameBeside, IsOneThatNothingHas) {
  const TemporaryFolder folder;
  const fs::path target = folder.path() / "model";
  const fs::path first = name_beside(target, "partial", /*is_hidden=*/true);
  EXPECT_EQ(first.filename().string().rfind(".model.partial-", 0), 0U) << first;
  fs::create_directory(first);
  const fs::path second = name_beside(target, "partial", /*is_hidden=*/true);
  EXPECT_NE(first, second);
  EXPECT_FALSE(fs::exists(second));
  EXPECT_LE(name_beside(folder.path() / std::string(255, 'n'), "partial", true).filename().string().size(),
            255U);
}

}  // namespace
}  // namespace clipcls
