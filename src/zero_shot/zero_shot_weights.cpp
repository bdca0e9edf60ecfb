#include "clipcls/zero_shot/zero_shot_weights.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "encode_prompts.h"

namespace clipcls {
namespace {

// Features of as many prompts are held at once: 64 MB in 512 dimensions, however long the list of labels is.
constexpr std::size_t kPromptsAtOnce = 32768;

}  // namespace

void normalize_l2(std::span<float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  if (sum == 0) return;
  const double norm = std::sqrt(sum);
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / norm);
}

ZeroShotWeights build_zero_shot_weights(ClipModel& model, const Tokenizer& tokenizer,
                                        std::span<const std::string> labels,
                                        std::span<const PromptTemplate> templates,
                                        const TextEncodeOptions& options) {
  const TextConfig& text = model.config().text;
  ZeroShotWeights weights;
  weights.class_embeddings = Matrix(labels.size(), model.config().embed_dim);
  const std::size_t labels_at_once = std::max<std::size_t>(1, kPromptsAtOnce / templates.size());
  for (std::size_t begin = 0; begin < labels.size(); begin += labels_at_once) {
    const std::size_t end = std::min(labels.size(), begin + labels_at_once);
    std::vector<std::vector<std::int64_t>> prompts;  // a label's templates together
    for (std::size_t label = begin; label < end; ++label) {
      for (const PromptTemplate& prompt_template : templates) {
        const std::string prompt = prompt_template.fill(labels[label]);
        TokenizedPrompt tokenized = tokenizer.tokenize(prompt, text.context_length);
        if (tokenized.is_truncated) {
          weights.truncated_prompts.push_back({label, tokenizer.tokenize(prompt).token_ids.size()});
        }
        prompts.push_back(std::move(tokenized.token_ids));
      }
    }
    const Matrix prompt_features = encode_prompts(model, prompts, templates.size(), options);
    // Summed in the order of the templates, whatever the batches were.
    for (std::size_t label = begin; label < end; ++label) {
      const std::span<float> embedding = weights.class_embeddings.row(label);
      for (std::size_t i = 0; i < templates.size(); ++i) {
        const std::span<const float> features = prompt_features.row((label - begin) * templates.size() + i);
        std::ranges::transform(embedding, features, embedding.begin(), std::plus<>());
      }
      normalize_l2(embedding);
    }
  }
  return weights;
}

}  // namespace clipcls
