#include "cli/flags/label_set_argument.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace clipcls {
namespace {

using NameAndFile = std::pair<std::string, std::string>;

TEST(LabelSetArgument, HasANameOrThatOfItsFile) {
  EXPECT_EQ(split_label_set("animals=lists/a.txt"), NameAndFile("animals", "lists/a.txt"));
  EXPECT_EQ(split_label_set("lists/animals.txt"), NameAndFile("animals", "lists/animals.txt"));
  EXPECT_EQ(split_label_set("cifar100"), NameAndFile("cifar100", "cifar100"));
  EXPECT_EQ(split_label_set("-"), NameAndFile("stdin", "-"));
  EXPECT_EQ(split_label_set("piped=-"), NameAndFile("piped", "-"));
}

TEST(LabelSetArgument, IsNotJudgedHere) {
  EXPECT_EQ(split_label_set("=a.txt"), NameAndFile("", "a.txt"));
  EXPECT_EQ(split_label_set("a="), NameAndFile("a", ""));
  EXPECT_EQ(split_label_set("a=b=c"), NameAndFile("a", "b=c"));
}

TEST(LabelSetArgument, AFileWithAnEqualsSignIsAFile) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "a=b.txt";
  std::ofstream(file) << "cat\n";
  EXPECT_EQ(split_label_set(file.string()), NameAndFile("a=b", file.string()));
  std::filesystem::remove(file);
  EXPECT_NE(split_label_set(file.string()).second, file.string());
}

}  // namespace
}  // namespace clipcls
