#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "escaped_text.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxPipelineMismatches = 10;

std::string read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Tokenizer tokenizer_of(const fs::path& file) {
  const std::string text = read_whole(file);
  const bool is_cased = file.parent_path().filename().string().ends_with("_cased");
  const auto bytes = std::make_shared<const std::string>(
      file.filename() == "vocab.txt" ? compile_vocab_txt(text, {.is_lower_case = !is_cased}, file.string())
                                     : compile_tokenizer_json(text, file.string()));
  return Tokenizer::of_bytes(*bytes, bytes);
}

std::string list_ids(const Tokenizer& tokenizer, std::string_view text) {
  std::string list;
  for (const std::int64_t id : tokenizer.tokenize(text).token_ids)
    list += (list.empty() ? "" : " ") + std::to_string(id);
  return list;
}

/// Compares every line of `texts`, and counts them.
std::size_t check_texts(const Tokenizer& tokenizer, const fs::path& texts, const fs::path& file) {
  int num_mismatches = 0;
  std::size_t num_lines = 0;
  std::ifstream lines(texts);
  for (std::string line; std::getline(lines, line); ++num_lines) {
    const std::size_t tab = line.find('\t');
    const std::string actual = list_ids(tokenizer, unescape_percent(std::string_view(line).substr(0, tab)));
    if (actual == line.substr(tab + 1)) continue;
    if (++num_mismatches <= kMaxPipelineMismatches) ADD_FAILURE() << line << "\n  got " << actual;
  }
  EXPECT_EQ(num_mismatches, 0) << "of " << num_lines << " texts, by " << file;
  EXPECT_GT(num_lines, 100U) << texts;
  std::cout << file.parent_path().filename() << ", " << file.filename() << ": " << num_lines << " texts, "
            << num_mismatches << " mismatches\n";
  return num_lines;
}

/// Of each folder in `folder`. Returns how many texts there are.
std::size_t check_pipelines(const fs::path& folder) {
  std::size_t num_texts = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    for (const char* name : {"tokenizer.json", "vocab.txt"}) {
      const fs::path file = entry.path() / name;
      if (fs::exists(file)) num_texts += check_texts(tokenizer_of(file), entry.path() / "texts.tsv", file);
    }
  }
  return num_texts;
}

TEST(PipelineGolden, equals_tokenizers_on_the_committed_sample) {
  EXPECT_GT(check_pipelines(CLIPCLS_TEST_DATA "/pipelines"), 2000U);
}

TEST(PipelineGolden, equals_tokenizers_on_all_golden_texts) {
  const char* const folder = std::getenv("CLIPCLS_GOLDEN_DIR");
  const fs::path pipelines = fs::path(folder != nullptr ? folder : "") / "pipelines";
  if (!fs::exists(pipelines)) {
    GTEST_SKIP()
        << "no golden texts; make them by .venv/bin/python scripts/golden/make_pipeline_golden.py --output "
           "build/golden/pipelines, and set CLIPCLS_GOLDEN_DIR=build/golden";
  }
  EXPECT_GT(check_pipelines(pipelines), 300'000U);
}

}  // namespace
}  // namespace clipcls
