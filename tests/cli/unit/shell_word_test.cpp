#include "cli/terminal/shell_word.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(ShellWord, IsQuotedOnlyWhereItHasToBe) {
  for (const char* text : {"a", "photos/2024-07-01_a.jpg", "hf:owner/name@main", "--labels", "50%", "a+b,c"})
    EXPECT_EQ(shell_word(text), text);
}

TEST(ShellWord, KeepsWhatAShellWouldTakeApart) {
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("two words"), "'two words'");
  EXPECT_EQ(shell_word("$HOME"), "'$HOME'");
  EXPECT_EQ(shell_word("a;b"), "'a;b'");
  EXPECT_EQ(shell_word("*.jpg"), "'*.jpg'");
  EXPECT_EQ(shell_word("~"), "'~'");
  EXPECT_EQ(shell_word("it's"), R"('it'\''s')");
  EXPECT_EQ(shell_word("a\nb"), "'a\nb'");
  EXPECT_EQ(shell_word("Käse"), "'Käse'");
}

}  // namespace
}  // namespace clipcls
