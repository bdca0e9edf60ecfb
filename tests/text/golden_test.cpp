#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "escaped_text.h"
#include "text/tokenizer.h"

namespace clipcls {
namespace {

constexpr int kMaxMismatchesShown = 10;
constexpr std::size_t kShortContextLength = 8;

std::vector<std::int64_t> read_ids(const std::string& text, const Tokenizer& tokenizer) {
  std::vector<std::int64_t> ids = {tokenizer.sot_token_id()};
  std::istringstream stream(text);
  for (std::int64_t id = 0; stream >> id;) ids.push_back(id);
  ids.push_back(tokenizer.eot_token_id());
  return ids;
}

std::string print_ids(const std::vector<std::int64_t>& ids) {
  std::string text;
  for (const std::int64_t id : ids) text += std::to_string(id) + " ";
  return text;
}

// Compares every line of a file of make_tokenizer_golden.py, whole and truncated. Returns how many texts it
// has.
std::size_t check_golden_file(const std::filesystem::path& path, const Tokenizer& tokenizer) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << "cannot read " << path;
  std::size_t num_texts = 0;
  int num_mismatches = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t tab = line.find('\t');
    const std::string text = unescape_percent(std::string_view(line).substr(0, tab));
    std::vector<std::int64_t> expected = read_ids(line.substr(tab + 1), tokenizer);
    const std::vector<std::int64_t> actual = tokenizer.tokenize(text).token_ids;
    bool is_equal = actual == expected;
    if (expected.size() > kShortContextLength) {
      expected.resize(kShortContextLength);
      expected.back() = tokenizer.eot_token_id();
      is_equal = is_equal && tokenizer.tokenize(text, kShortContextLength).token_ids == expected;
    }
    ++num_texts;
    if (is_equal || ++num_mismatches > kMaxMismatchesShown) continue;
    ADD_FAILURE() << path.filename() << ": " << line << "\n  got " << print_ids(actual);
  }
  EXPECT_EQ(num_mismatches, 0) << "of " << num_texts << " texts in " << path;
  EXPECT_GT(num_texts, 0U) << "no texts in " << path;
  return num_texts;
}

std::filesystem::path golden_folder() {
  const char* const folder = std::getenv("CLIPCLS_GOLDEN_DIR");  // ctest sets it
  return std::filesystem::path(folder != nullptr ? folder : "") / "tokenizer";
}

TEST(TokenizerGolden, equals_open_clip_on_the_committed_sample) {
  check_golden_file(CLIPCLS_TEST_DATA "/tokenizer/golden.tsv", Tokenizer());
}

TEST(TokenizerGolden, equals_open_clip_on_all_golden_texts) {
  const std::filesystem::path folder = golden_folder();
  if (!std::filesystem::exists(folder / "stamp.txt")) {
    GTEST_SKIP()
        << "no golden texts; make them by .venv/bin/python scripts/golden/make_tokenizer_golden.py --output "
           "build/golden/tokenizer, and set CLIPCLS_GOLDEN_DIR=build/golden";
  }
  const Tokenizer tokenizer;
  std::size_t num_texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".tsv") num_texts += check_golden_file(entry.path(), tokenizer);
  }
  RecordProperty("num_texts", std::to_string(num_texts));
  EXPECT_GT(num_texts, 100'000U);
}

}  // namespace
}  // namespace clipcls
