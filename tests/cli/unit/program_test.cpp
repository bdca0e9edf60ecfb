#include "cli/program.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>
#include <system_error>

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
    EXPECT_FALSE(command.footer.empty()) << command.name();
    const std::string& name = command.names.back();
    const bool reads_images = name == "eval" || name == "embed" || name == "calibrate";
    EXPECT_EQ(command.footer.find("every image") != std::string::npos, reads_images) << command.name();
  };
  for (const CommandDescription& command : program.root().describe().commands) {
    check(command);
    for (const CommandDescription& below : command.commands) check(below);
  }
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
