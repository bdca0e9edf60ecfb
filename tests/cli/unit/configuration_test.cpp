#include "cli/flags/configuration_file.h"
#include "cli/flags/presets.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

OptionDescription described_flag(const std::string& name, const std::string& argument) {
  OptionDescription option;
  option.names = {name};
  option.argument = argument;
  option.takes_value = !argument.empty();
  return option;
}

/// prog [--model NAME] [--size N] [--loud] [--output FILE]; prog list [--model NAME] [--size WORD]
CommandDescription configured_program() {
  CommandDescription program;
  program.names = {"prog"};
  program.options = {described_flag("--model", "NAME"), described_flag("--size", "N"),
                     described_flag("--loud", ""), described_flag("--output", "FILE")};
  program.options[0].repeats = false;
  CommandDescription list;
  list.names = {"prog", "list"};
  list.options = {described_flag("--model", "NAME"), described_flag("--size", "WORD")};
  program.commands = {list};
  return program;
}

/// "--size=3@c:1 --loud=true@c:2": what the text of the file `c` gives the command that `words` give.
std::string presets(const std::string& text, const std::vector<std::string>& words) {
  const CommandDescription program = configured_program();
  const GivenWords given = read_words(program, words);
  std::string found;
  for (const Preset& preset : presets_for(parse_configuration(text, "c"), program, given))
    found += (found.empty() ? "" : " ") + preset.flag + "=" + preset.values.front() + "@" + preset.place;
  return found;
}

TEST(Configuration, KeysHaveSectionsValuesAndLines) {
  const ConfigurationFile file =
      parse_configuration("# first\n\na = 'x # y' # z\n[b]\nc=[\"1, 2\",\n\"3\"]\n[d.e]\r\nf = 0.5\n", "c");
  ASSERT_EQ(file.keys.size(), 3U);
  EXPECT_EQ(file.keys[0].section, "");
  EXPECT_EQ(file.keys[0].values, std::vector<std::string>{"x # y"});
  EXPECT_EQ(file.place_of(file.keys[0]), "c:3");
  EXPECT_EQ(file.keys[1].section, "b");
  EXPECT_EQ(file.keys[1].values, (std::vector<std::string>{"1, 2", "3"}));
  EXPECT_EQ(file.keys[1].line, 5U);
  EXPECT_EQ(file.keys[2].section, "d.e");
  EXPECT_EQ(file.keys[2].values, std::vector<std::string>{"0.5"});
  EXPECT_EQ(file.keys[2].line, 8U);
}

TEST(Configuration, AnyBytesAreReadOrRefused) {
  for (const std::string text :
       {"=", "[", "]", "\"", "a=[", "a=]", "[]\na=1", "a='", "a=\"\\", "[[a]]\nb=1", "a.b=1"}) {
    try {
      parse_configuration(text, "c");
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("c:1: "), 0U) << text;
    }
  }
}

TEST(Presets, AreThoseOfTheCommand) {
  EXPECT_EQ(presets("size = 3\nloud = true\n", {}), "--size=3@c:1 --loud=true@c:2");
  EXPECT_EQ(presets("loud = false\n", {}), "");
  EXPECT_EQ(presets("size = 3\n", {"--size", "4"}), "");
  EXPECT_EQ(presets("size = 3\n", {"list"}), "");
  EXPECT_EQ(presets("model = 'm'\n", {"list"}), "--model=m@c:1");
  EXPECT_EQ(presets("model = 'm'\n[list]\nmodel = 'n'\n", {"list"}), "--model=n@c:3");
  EXPECT_EQ(presets("[list]\nsize = 3\n", {}), "");
}

TEST(Presets, WhatIsWrongIsSaidForEveryCommand) {
  const auto refuse = [](const std::string& text, const std::string& part) {
    expect_error(ErrorKind::kUsage, part, [&] { presets(text, {"list"}); });
  };
  refuse("szie = 3", "c:1: there is no key szie; perhaps size is meant");
  refuse("[lits]\nsize = 3", "c:2: [lits] is the section of no command; perhaps list is meant");
  refuse("output = 'x'", "c:1: output belongs on the command line");
  refuse("size = [1, 2]", "c:1: size takes one value, and 2 are given");
  refuse("loud = 3", "c:1: loud = 3: is not true or false");
}

}  // namespace
}  // namespace clipcls
