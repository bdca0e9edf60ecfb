#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "clipcls/error.h"
#include "files/mapped_file.h"
#include "text/tokenizer.h"
#include "text/tokenizer_import.h"

namespace clipcls {
namespace {

void bench_load_vocabulary(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Tokenizer());
}
BENCHMARK(bench_load_vocabulary)->Unit(benchmark::kMillisecond);

void bench_tokenize_words(benchmark::State& state) {
  const Tokenizer tokenizer;
  std::string text;
  for (std::int64_t i = 0; i < state.range(0); ++i) text += " aquarium";
  if (tokenizer.tokenize(" aquarium").token_ids.size() != 3) {
    state.SkipWithError("wrong token ids");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer.tokenize(text));
  state.SetComplexityN(state.range(0));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(bench_tokenize_words)->RangeMultiplier(8)->Range(1, 32768)->Complexity();

/// One word without an end: the case where a naive merge loop is quadratic.
void bench_tokenize_one_long_word(benchmark::State& state) {
  const Tokenizer tokenizer;
  std::string text;
  for (std::int64_t i = 0; i < state.range(0); ++i) text += static_cast<char>('a' + i * i % 26);
  for (auto _ : state) benchmark::DoNotOptimize(tokenizer.tokenize(text));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(bench_tokenize_one_long_word)->RangeMultiplier(8)->Range(8, 1 << 18)->Complexity();

constexpr std::size_t kGemmaPieces = 256000;

/// A tokenizer.json of byte pairs as large as Gemma's: words of one to four letters, each with all merges
/// that make it.
std::string make_large_json() {
  std::vector<std::string> pieces = {"<unk>"};
  std::string merges;
  const auto add_merge = [&](std::string_view left, std::string_view right) {
    merges.append(merges.empty() ? "[\"" : ",[\"").append(left).append("\",\"").append(right).append("\"]");
  };
  std::size_t begin = 0;  // of the words that are one letter shorter
  for (int length = 1; length <= 4; ++length) {
    const std::size_t end = pieces.size();
    for (std::size_t i = begin; i < end && pieces.size() < kGemmaPieces; ++i) {
      for (char letter = 'a'; letter <= 'z' && pieces.size() < kGemmaPieces; ++letter) {
        const std::string piece = (length == 1 ? "" : pieces[i]) + letter;
        for (std::size_t cut = 1; cut < piece.size(); ++cut)
          add_merge(piece.substr(0, cut), piece.substr(cut));
        pieces.push_back(piece);
      }
      if (length == 1) break;
    }
    begin = end;
  }
  std::string vocabulary;
  for (std::size_t id = 0; id < pieces.size(); ++id)
    vocabulary += (id == 0 ? "\"" : ",\"") + pieces[id] + "\":" + std::to_string(id);
  return R"({"model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{)" + vocabulary +
         R"(},"merges":[)" + merges + "]}}";
}

/// A tokenizer.bin of Gemma's size is opened as a run opens it: mapped, and used where it lies.
void bench_open_large_tokenizer(benchmark::State& state) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("clipcls-bench-tokenizer-" + std::to_string(getpid()));
  std::ofstream(path, std::ios::binary) << compile_tokenizer_json(make_large_json(), "tokenizer.json");
  const auto open = [&path] {
    const auto file = std::make_shared<MappedFile>(path, MappedFile::Access::kRead, ErrorKind::kModel);
    return Tokenizer::of_bytes(file->text(), file);
  };
  const Tokenizer tokenizer = open();
  if (static_cast<std::size_t>(tokenizer.vocab_size()) != kGemmaPieces ||
      tokenizer.tokenize("abcd").token_ids.size() != 1) {
    state.SkipWithError("wrong token ids");
  } else {
    for (auto _ : state) benchmark::DoNotOptimize(open());
  }
  state.counters["bytes"] = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
}
BENCHMARK(bench_open_large_tokenizer)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace clipcls
