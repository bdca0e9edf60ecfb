#include <benchmark/benchmark.h>

#include "zero_shot/classifier.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

/// Ranking one image, by the number of labels (512 dimensions, as ViT-B/32 has).
void bench_classify(benchmark::State& state) {
  Matrix embeddings(static_cast<std::size_t>(state.range(0)), 512);
  for (std::size_t i = 0; i < embeddings.values.size(); ++i)
    embeddings.values[i] = static_cast<float>(i * i % 1009) - 504;
  for (std::size_t label = 0; label < embeddings.rows; ++label) normalize_l2(embeddings.row(label));
  const std::span<const float> last = embeddings.row(embeddings.rows - 1);
  const std::vector<float> features(last.begin(), last.end());
  const ZeroShotClassifier classifier(embeddings, 100, 0, ScoreKind::kSoftmax);
  if (classifier.classify(features, 1).front().similarity < 0.999F) {
    state.SkipWithError("a label is not its own nearest");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(classifier.classify(features, 5));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(bench_classify)->RangeMultiplier(10)->Range(10, 10000)->Complexity();

}  // namespace
}  // namespace clipcls
