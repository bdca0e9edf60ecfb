#include "cli/program.h"

#include <gtest/gtest.h>

#include <new>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "cli/flags/command_words.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

/// What report_exception() prints of `exception`.
template <typename Exception>
std::string report_of(const Exception& exception) {
  testing::internal::CaptureStderr();
  int exit_code = 0;
  try {
    throw exception;
  } catch (...) {
    exit_code = report_exception();
  }
  EXPECT_EQ(exit_code, kNothingDone);
  return testing::internal::GetCapturedStderr();
}

TEST(ReportException, OneLineSaysWhatIsWrong) {
  EXPECT_EQ(report_of(Error(ErrorKind::kUsage, "--x 3: is odd")), "clipcls: --x 3: is odd\n");
  EXPECT_EQ(report_of(std::runtime_error("lost")), "clipcls: internal error: lost\n");
  EXPECT_NE(report_of(std::bad_alloc()).find("out of memory"), std::string::npos);
  const auto full = std::make_error_code(std::errc::no_space_on_device);
  EXPECT_EQ(report_of(std::system_error(full, "rows")), "clipcls: rows: No space left on device\n");
}

TEST(Program, HasCommandsWithHelp) {
  Program program;
  const CommandDescription description = program.root().describe();
  EXPECT_FALSE(description.options.empty());
  ASSERT_FALSE(description.commands.empty());
  for (const CommandDescription& command : description.commands) {
    EXPECT_FALSE(command.help.empty()) << command.name();
    for (const CommandDescription& below : command.commands) EXPECT_FALSE(below.help.empty()) << below.name();
  }
}

TEST(Program, OnlyCommandsThatReadImagesCountThemInTheirExitCode) {
  Program program;
  const auto check = [](const CommandDescription& command) {
    ASSERT_FALSE(command.exit_codes.empty()) << command.name();
    EXPECT_EQ(command.exit_codes.front().code, 0) << command.name();
    const std::string& name = command.names.back();
    const bool reads_images = name == "eval" || name == "embed" || name == "calibrate";
    const bool counts_images = command.exit_codes.front().meaning.find("every image") != std::string::npos;
    EXPECT_EQ(counts_images, reads_images) << command.name();
  };
  for (const CommandDescription& command : program.root().describe().commands) {
    check(command);
    for (const CommandDescription& below : command.commands) check(below);
  }
}

/// The words of an example behind "clipcls", up to what is for the shell.
std::vector<std::string> words_of(std::string line) {
  std::erase(line, '\'');
  std::istringstream stream(line.substr(line.find("clipcls ")));
  std::vector<std::string> words;
  std::string word;
  stream >> word;
  while (stream >> word && word.find_first_of("|<>") == std::string::npos) words.push_back(word);
  return words;
}

void expect_examples_can_be_typed(const CommandDescription& program, const CommandDescription& command) {
  for (const Example& example : command.examples) {
    if (example.line.find("clipcls ") == std::string::npos || example.line.find(" <(") != std::string::npos)
      continue;
    EXPECT_NO_THROW(read_words(program, words_of(example.line))) << example.line;
  }
  EXPECT_TRUE(command.examples.size() >= 2 || !command.commands.empty()) << command.name();
  for (const CommandDescription& below : command.commands) expect_examples_can_be_typed(program, below);
}

TEST(Program, ItsExamplesCanBeTyped) {
  Program program;
  const CommandDescription description = program.root().describe();
  expect_examples_can_be_typed(description, description);
}

TEST(Program, AddsCommandsOfAGroupToOneGroup) {
  Program program;
  CommandDeclaration& added = program.add("model shrink", "Make it small");
  EXPECT_EQ(program.root().find_subcommand("model")->find_subcommand("shrink"), &added);
  EXPECT_NE(program.root().find_subcommand("model")->find_subcommand("fetch"), nullptr);
}

TEST(Program, PrintsHelp) {
  testing::internal::CaptureStdout();
  const char* const words[] = {"clipcls", "cache", "clear", "--help"};
  EXPECT_EQ(Program().run(4, words), 0);
  EXPECT_NE(testing::internal::GetCapturedStdout().find("--cache-dir"), std::string::npos);
}

}  // namespace
}  // namespace clipcls
