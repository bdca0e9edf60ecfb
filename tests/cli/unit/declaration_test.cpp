#include "cli/flags/declaration.h"

#include <map>

#include "support/expect_error.h"

namespace clipcls {
namespace {

enum class Size { kSmall, kLarge };
const std::map<std::string, Size> kSizes = {{"large", Size::kLarge}, {"small", Size::kSmall}};

/// A program with flags of its own, and the command `group make`.
struct Declared {
  CommandDeclaration program{"prog", "Help"};
  std::string name = "nobody";
  std::vector<std::string> paths;
  std::size_t count = 2;
  std::optional<double> share;
  Size size = Size::kSmall;
  bool is_loud = false;
  std::string target;
  CommandDeclaration* make = nullptr;

  Declared() {
    program.add_option("PATH", paths, "Paths");
    program.add_option("-n,--name", name, "A name")->type_name("TEXT");
    program.add_number("--count", count, 1, 9, "A count");
    program.add_number("--share", share, 0.0, 1.0, "A share");
    program.add_choice("--size", size, kSizes, "A size");
    program.add_flag("-l,--loud", is_loud, "Loud");
    program.runs([] { return 3; });
    make = program.add_subcommand("group", "A group")->add_subcommand("make", "Makes");
    make->add_option("TARGET", target, "A target")->required();
    make->runs([] { return 4; });
  }

  ParsedWords parse(std::vector<const char*> words) {
    words.insert(words.begin(), "prog");
    return program.parse(static_cast<int>(words.size()), words.data());
  }
};

TEST(CommandDeclaration, SetsWhatIsGivenAndLeavesDefaults) {
  Declared declared;
  const ParsedWords parsed =
      declared.parse({"a", "-n", "x", "--share=0.5", "b", "--size", "large", "-n", "y"});
  EXPECT_FALSE(parsed.text);
  EXPECT_EQ(parsed.command, &declared.program);
  EXPECT_EQ(parsed.command->run(), 3);
  EXPECT_EQ(declared.paths, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(declared.name, "y");
  EXPECT_EQ(declared.share, 0.5);
  EXPECT_EQ(declared.count, 2U);
  EXPECT_EQ(declared.size, Size::kLarge);
  EXPECT_FALSE(declared.is_loud);
  EXPECT_EQ(declared.program.count("--share"), 1U);
  EXPECT_EQ(declared.program.count("--count"), 0U);
  EXPECT_EQ(declared.program.count("--unknown"), 0U);
}

TEST(CommandDeclaration, RunsTheCommandThatIsGiven) {
  Declared declared;
  const ParsedWords parsed = declared.parse({"group", "make", "t"});
  EXPECT_EQ(parsed.command, declared.make);
  EXPECT_EQ(parsed.command->run(), 4);
  EXPECT_EQ(declared.target, "t");
}

TEST(CommandDeclaration, FindsItsCommands) {
  Declared declared;
  ASSERT_NE(declared.program.find_subcommand("group"), nullptr);
  EXPECT_EQ(declared.program.find_subcommand("group")->find_subcommand("make"), declared.make);
  EXPECT_EQ(declared.program.find_subcommand("make"), nullptr);
}

TEST(CommandDeclaration, SaysWhatIsWrong) {
  const auto refuse = [](const std::vector<const char*>& words, const std::string& part) {
    expect_error(ErrorKind::kUsage, part, [&] { Declared().parse(words); });
  };
  refuse({"--count", "10"}, "--count 10: is not a whole number from 1 to 9");
  refuse({"--size", "huge"}, "--size \"huge\": is not one of large|small");
  refuse({"--share", "2"}, "--share 2: is not a number from 0 to 1");
  refuse({"group", "make"}, "TARGET is required; see prog group make --help");
  refuse({"group"}, "prog group needs a command: make");
  refuse({"--nmae", "x"}, "prog has no flag --nmae");
}

TEST(CommandDeclaration, HelpIsATextAndRunsNothing) {
  Declared declared;
  const ParsedWords parsed = declared.parse({"group", "make", "--help"});
  ASSERT_TRUE(parsed.text);
  EXPECT_NE(parsed.text->find("Makes"), std::string::npos);
  EXPECT_EQ(parsed.command, nullptr);
}

TEST(CommandDeclaration, SaysWhatItsFlagsHold) {
  Declared declared;
  declared.parse({"--share=0.25", "-l"});
  EXPECT_EQ(declared.program.values(), (FlagValues{{"--name", "nobody"},
                                                   {"--count", "2"},
                                                   {"--share", "0.250000"},
                                                   {"--size", "small"},
                                                   {"--loud", "yes"}}));
}

TEST(CommandDeclaration, DescribesItself) {
  const CommandDescription description = Declared().program.describe();
  const OptionDescription* const size = description.find_flag("--size");
  ASSERT_NE(size, nullptr);
  EXPECT_EQ(size->choices, (std::vector<std::string>{"large", "small"}));
  EXPECT_TRUE(size->takes_value);
  EXPECT_FALSE(size->repeats);
  EXPECT_EQ(description.find_flag("-n"), description.find_flag("--name"));
  ASSERT_NE(description.find_command("group"), nullptr);
  EXPECT_EQ(description.find_command("group")->commands.front().name(), "prog group make");
}

TEST(ChoicesOf, AreWordsAndNoKinds) {
  EXPECT_EQ(choices_of("json|text"), (std::vector<std::string>{"json", "text"}));
  EXPECT_EQ(choices_of("FILE|NAME"), std::vector<std::string>());
  EXPECT_EQ(choices_of("cpu|cuda:N"), std::vector<std::string>());
  EXPECT_EQ(choices_of("text"), std::vector<std::string>());
  EXPECT_EQ(choices_of(""), std::vector<std::string>());
}

}  // namespace
}  // namespace clipcls
