#include "cli/terminal/resume_command.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(ResumeCommand, IsTheCommandWithTheFlag) {
  EXPECT_EQ(resume_command({"clipcls", "my photos", "-o", "r.csv"}), "clipcls 'my photos' -o r.csv --resume");
  EXPECT_EQ(resume_command({"clipcls", "--resume", "a", "-o", "r.csv"}), "clipcls --resume a -o r.csv");
}

TEST(ResumeCommand, TheFlagStandsBeforeTheEndOfFlags) {
  EXPECT_EQ(resume_command({"clipcls", "-o", "r.csv", "--", "-a.png", "--resume"}),
            "clipcls --resume -o r.csv -- -a.png --resume");
}

}  // namespace
}  // namespace clipcls
