#include "clipcls/zero_shot/zero_shot_weights.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace clipcls {
namespace {

/// The rows `order[begin .. end)` of `prompts`, padded to the longest of them.
TokenIdBatch make_batch(std::span<const std::vector<std::int64_t>> prompts,
                        std::span<const std::size_t> order, std::int64_t pad_token_id) {
  TokenIdBatch batch;
  batch.rows = order.size();
  for (const std::size_t index : order) batch.length = std::max(batch.length, prompts[index].size());
  batch.token_ids.assign(batch.rows * batch.length, pad_token_id);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::ranges::copy(prompts[order[row]],
                      batch.token_ids.begin() + static_cast<std::ptrdiff_t>(row * batch.length));
  }
  return batch;
}

}  // namespace

void normalize_l2(std::span<float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  if (sum == 0) return;
  const double norm = std::sqrt(sum);
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / norm);
}

ZeroShotWeights build_zero_shot_weights(ClipModel& model, const Tokenizer& tokenizer,
                                        std::span<const std::vector<std::string>> prompts,
                                        std::size_t batch_size) {
  const TextConfig& text = model.config().text;
  ZeroShotWeights weights;
  weights.class_embeddings = Matrix(prompts.size(), model.config().embed_dim);

  std::vector<std::vector<std::int64_t>> token_ids;  // [number of prompts], those of a label together
  for (std::size_t label = 0; label < prompts.size(); ++label) {
    for (const std::string& prompt : prompts[label]) {
      TokenizedPrompt tokenized = tokenizer.tokenize(prompt, text.context_length);
      if (tokenized.is_truncated) {
        weights.truncated_prompts.push_back({label, tokenizer.tokenize(prompt).token_ids.size()});
      }
      token_ids.push_back(std::move(tokenized.token_ids));
    }
  }

  std::vector<std::size_t> order(token_ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t index) { return token_ids[index].size(); });

  Matrix prompt_features(token_ids.size(), model.config().embed_dim);
  for (std::size_t begin = 0; begin < order.size(); begin += batch_size) {
    const std::span<const std::size_t> rows =
        std::span(order).subspan(begin, std::min(batch_size, order.size() - begin));
    Matrix text_features = model.encode_text(make_batch(token_ids, rows, text.pad_token_id));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      normalize_l2(text_features.row(row));
      std::ranges::copy(text_features.row(row), prompt_features.row(rows[row]).begin());
    }
  }

  // Summed in the order of the prompts whatever the batches were, so that batch_size cannot change a bit
  // here.
  std::size_t next_row = 0;
  for (std::size_t label = 0; label < prompts.size(); ++label) {
    const std::span<float> embedding = weights.class_embeddings.row(label);
    for (std::size_t i = 0; i < prompts[label].size(); ++i) {
      const std::span<const float> features = prompt_features.row(next_row++);
      std::ranges::transform(embedding, features, embedding.begin(), std::plus<>());
    }
    normalize_l2(embedding);
  }
  return weights;
}

}  // namespace clipcls
