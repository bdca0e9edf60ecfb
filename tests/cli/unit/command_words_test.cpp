#include "cli/flags/command_words.h"

#include "support/expect_error.h"

namespace clipcls {
namespace {

OptionDescription flag(const std::vector<std::string>& names, bool takes_value) {
  OptionDescription option;
  option.names = names;
  option.takes_value = takes_value;
  return option;
}

/// prog [-q] [-l VALUE] PATH...; prog list [--all]
CommandDescription described_program() {
  OptionDescription paths;
  paths.argument = "PATH";
  paths.takes_value = true;
  paths.repeats = true;
  CommandDescription program;
  program.names = {"prog"};
  program.options = {flag({"--quiet", "-q"}, false), flag({"--label", "-l"}, true),
                     flag({"--verbose", "-v"}, false), paths};
  CommandDescription list;
  list.names = {"prog", "list"};
  list.options = {flag({"--all", "-a"}, false)};
  program.commands = {list};
  return program;
}

/// "--label=x --quiet=true PATH=y"
std::string read(const std::vector<std::string>& words) {
  const CommandDescription program = described_program();
  const GivenWords given = read_words(program, words);
  std::string text = given.command->names.back();
  for (const GivenOption& option : given.options) {
    const std::string& name =
        option.option->names.empty() ? option.option->argument : option.option->names.front();
    text += " " + name + "=" + option.value;
  }
  return text;
}

TEST(CommandWords, AFlagHasOneValueHoweverItIsWritten) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--label", "x"}, {"--label=x"}, {"-l", "x"}, {"-lx"}})
    EXPECT_EQ(read(words), "prog --label=x");
  EXPECT_EQ(read({"-qvlx"}), "prog --quiet=true --verbose=true --label=x");
  EXPECT_EQ(read({"--label=a=b"}), "prog --label=a=b");
  EXPECT_EQ(read({"--label=-q"}), "prog --label=-q");
  EXPECT_EQ(read({"--label", "-x"}), "prog --label=-x");
}

TEST(CommandWords, FlagsEndAtTwoDashes) {
  EXPECT_EQ(read({"a", "--", "-q", "--"}), "prog PATH=a PATH=-q PATH=--");
  EXPECT_EQ(read({"-"}), "prog PATH=-");
}

TEST(CommandWords, ACommandIsTheFirstWord) {
  EXPECT_EQ(read({"list", "-a"}), "list --all=true");
  EXPECT_EQ(read({"--", "list"}), "prog PATH=list");
  expect_error(ErrorKind::kUsage, "flags go behind the command: prog list --all", [] {
    read({"--all", "list"});
  });
  expect_error(ErrorKind::kUsage, "prog list takes no arguments, and x is one", [] { read({"list", "x"}); });
}

TEST(CommandWords, WhatAnEmptyVariableLeavesIsRefused) {
  expect_error(ErrorKind::kUsage, "--label: its value is missing", [] { read({"--label"}); });
  expect_error(ErrorKind::kUsage, "--label: its value is empty", [] { read({"--label", ""}); });
  expect_error(ErrorKind::kUsage, "--label: its value is empty", [] { read({"--label="}); });
  expect_error(ErrorKind::kUsage, "its value is missing: --quiet is a flag", [] {
    read({"--label", "--quiet"});
  });
  expect_error(ErrorKind::kUsage, "PATH: a path is empty", [] { read({""}); });
  expect_error(ErrorKind::kUsage, "--quiet takes no value", [] { read({"--quiet=yes"}); });
}

}  // namespace
}  // namespace clipcls
