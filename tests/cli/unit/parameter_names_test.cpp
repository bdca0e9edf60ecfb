#include "cli/flags/parameter_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "cli/terminal/message.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

TEST(ParameterNames, AreFlagsInMessages) {
  EXPECT_EQ(with_flags("60 megapixels; raise `max_megapixels` to 60"),
            "60 megapixels; raise --max-megapixels to 60");
  EXPECT_EQ(with_flags("lower `batch_size` or `num_threads`"), "lower --batch-size or --threads");
  EXPECT_EQ(with_flags("`host` x and `host` y"), "--host x and --host y");
}

TEST(ParameterNames, OtherWordsStay) {
  for (const char* text : {"", "`", "device", "batch_size/host.jpg: host", "`unknown`", "`host", "host`"})
    EXPECT_EQ(with_flags(std::string(text)), text);
}

TEST(ParameterNames, AreFlagsInRows) {
  const ImageResult fine = with_flags(ImageResult{"`host`.jpg", {}, {}, {}});
  EXPECT_EQ(fine.path, "`host`.jpg");
  EXPECT_FALSE(fine.error);
  const ImageResult failed =
      with_flags(ImageResult{"a.jpg", {}, Error(ErrorKind::kTooLarge, "lower `max_megapixels`"), {}});
  EXPECT_EQ(failed.error->kind(), ErrorKind::kTooLarge);
  EXPECT_STREQ(failed.error->what(), "lower --max-megapixels");
}

TEST(ParameterNames, AreFlagsOnStandardError) {
  testing::internal::CaptureStderr();
  print_message("a `top_k`");
  print_warning("b `top_k`");
  print_failure("c `top_k`");
  const std::string lines = testing::internal::GetCapturedStderr();
  for (const char* line : {"a --top-k\n", "b --top-k\n", "c --top-k\n"})
    EXPECT_NE(lines.find(line), std::string::npos) << lines;
}

/// Adds what stands in backticks on `line`, unless that is a comment.
void find_names(const std::string& line, std::set<std::string>& found) {
  const std::string code = line.substr(0, line.starts_with("//") ? 0 : line.find(" //"));
  if (code.find('"') == std::string::npos) return;
  for (std::size_t begin = code.find('`'); begin != std::string::npos; begin = code.find('`', begin + 1)) {
    const std::size_t end = code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", begin + 1);
    if (end == std::string::npos || code[end] != '`' || end == begin + 1) continue;
    found.insert(code.substr(begin, end - begin + 1));
    begin = end;
  }
}

TEST(ParameterNames, AreKnownWhereverTheLibraryNamesThem) {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CLIPCLS_SOURCES)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".cpp" && extension != ".h") continue;
    // Parameters of functions that programs call: the command line calls none of them.
    if (entry.path().parent_path().filename() == "interface") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) find_names(line, found);
  }
  EXPECT_GE(found.size(), 15U);
  for (const std::string& parameter : found)
    EXPECT_TRUE(with_flags(parameter).starts_with("--")) << parameter;
}

}  // namespace
}  // namespace clipcls
