#include <benchmark/benchmark.h>

#include "text/tokenizer.h"

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

}  // namespace
}  // namespace clipcls
