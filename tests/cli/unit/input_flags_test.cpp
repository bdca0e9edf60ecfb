#include "cli/flags/input_flags.h"

#include <filesystem>
#include <fstream>

#include "support/expect_error.h"

namespace clipcls {
namespace {

TEST(ParseShard, IsAPartOfAWhole) {
  const Shard shard = parse_shard("3/8");
  EXPECT_EQ(shard.index, 3U);
  EXPECT_EQ(shard.num_shards, 8U);
  EXPECT_EQ(parse_shard("1/1").num_shards, 1U);
  EXPECT_EQ(parse_shard("8/8").index, 8U);
}

TEST(ParseShard, IsNothingElse) {
  for (const char* text : {"", "3", "/", "3/", "/8", "0/8", "9/8", "0/0", "-1/8", "3/-8", " 3/8", "3 /8",
                           "3/8 ", "3/8/2", "a/b", "99999999999999999999/99999999999999999999"}) {
    expect_error(ErrorKind::kUsage, "--shard " + std::string(text) + ": is not I/N",
                 [&] { parse_shard(text); });
  }
}

TEST(InputFlags, NeedAnImageOrAList) {
  InputFlags flags;
  expect_error(ErrorKind::kUsage, "no image given", [&] { flags.validate(); });
  flags.images = {"a.jpg"};
  flags.validate();
  flags.is_nul_separated = true;
  expect_error(ErrorKind::kUsage, "-0", [&] { flags.validate(); });
  flags.files_from = "list";
  flags.validate();
}

TEST(InputFlags, NameWhatTheyRead) {
  InputFlags flags;
  flags.images = {"a.jpg", "-"};
  flags.files_from = "list";
  EXPECT_EQ(flags.inputs(), (NamedInputs{{"IMAGE", "a.jpg"}, {"IMAGE", "-"}, {"--files-from", "list"}}));
}

TEST(InputFlags, OneFileIsOneImage) {
  InputFlags flags;
  flags.images = {"a.jpg"};
  EXPECT_FALSE(may_be_several(flags));
  flags.images = {testing::TempDir()};
  EXPECT_TRUE(may_be_several(flags));
  flags.images = {"a.jpg", "b.jpg"};
  EXPECT_TRUE(may_be_several(flags));
  flags = {};
  flags.files_from = "list";
  EXPECT_TRUE(may_be_several(flags));
}

TEST(InputFlags, OnlyWhatCanBeReadTwiceIsCounted) {
  InputFlags flags;
  flags.images = {"a.jpg"};
  EXPECT_TRUE(opener_for_counting(flags));
  flags.files_from = "-";
  EXPECT_FALSE(opener_for_counting(flags));
  const std::filesystem::path list = std::filesystem::path(testing::TempDir()) / "input_flags_list.txt";
  std::ofstream(list) << "b.jpg\nc.jpg\n";
  flags.files_from = list.string();
  ASSERT_TRUE(opener_for_counting(flags));
  const std::unique_ptr<ImageSource> images = opener_for_counting(flags)();
  std::size_t count = 0;
  while (images->next()) ++count;
  EXPECT_EQ(count, 3U);
  std::filesystem::remove(list);
}

}  // namespace
}  // namespace clipcls
