#include "text/text_cleaning.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "escaped_text.h"

namespace clipcls {
namespace {

std::vector<std::string> columns_of(std::string_view line) {
  std::vector<std::string> columns;
  for (;;) {
    const std::size_t tab = line.find('\t');
    columns.push_back(unescape_percent(line.substr(0, tab)));
    if (tab == std::string_view::npos) return columns;
    line.remove_prefix(tab + 1);
  }
}

/// Compares each line of a file of make_cleaning_golden.py. Returns how many there are.
std::size_t check_cleaning(const std::filesystem::path& path) {
  constexpr std::array kCleanings = {TextCleaning::kWhitespace, TextCleaning::kLower,
                                     TextCleaning::kCanonicalize, TextCleaning::kSiglip};
  std::ifstream file(path);
  std::size_t num_texts = 0;
  int num_mismatches = 0;
  for (std::string line; std::getline(file, line); ++num_texts) {
    const std::vector<std::string> columns = columns_of(line);
    if (columns.size() != 1 + kCleanings.size()) {
      ADD_FAILURE() << line;
      continue;
    }
    for (std::size_t i = 0; i < kCleanings.size(); ++i) {
      const std::string cleaned = clean_text_as(kCleanings[i], columns[0]);
      if (cleaned != columns[i + 1] && ++num_mismatches <= 10)
        ADD_FAILURE() << line << "\n  column " << i + 1 << " is " << cleaned;
    }
  }
  EXPECT_EQ(num_mismatches, 0) << "in " << num_texts << " texts of " << path;
  return num_texts;
}

TEST(TextCleaning, equals_the_references_on_the_committed_sample) {
  EXPECT_GT(check_cleaning(CLIPCLS_TEST_DATA "/text_cleaning.tsv"), 300U);
}

TEST(TextCleaning, equals_the_references_on_all_golden_texts) {
  const char* const folder = std::getenv("CLIPCLS_GOLDEN_DIR");
  const auto path = std::filesystem::path(folder != nullptr ? folder : "") / "text_cleaning.tsv";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "no golden texts; scripts/golden/make_cleaning_golden.py prints them for "
                    "build/golden/text_cleaning.tsv";
  EXPECT_GT(check_cleaning(path), 20'000U);
}

TEST(TextCleaning, leaves_a_text_as_it_is) {
  EXPECT_EQ(clean_text_as(TextCleaning::kNone, " A&amp;_\xFF "), " A&amp;_\xFF ");
  EXPECT_EQ(clean_text_as(TextCleaning::kSiglip, "A\xFF"), "a\uFFFD");
  EXPECT_EQ(clean_text_as(TextCleaning::kCanonicalize, "?!"), "");
}

}  // namespace
}  // namespace clipcls
