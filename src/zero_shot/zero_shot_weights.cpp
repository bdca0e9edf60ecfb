#include "zero_shot/zero_shot_weights.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "encode_prompts.h"

namespace clipcls {
namespace {

// Features of about as many prompts are held at once: 64 MB in 512 dimensions, however long the list of
// labels is.
constexpr std::size_t kPromptsAtOnce = 32768;

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

ZeroShotWeights build_zero_shot_weights(ClipModel& model, const Tokenizer& tokenizer,
                                        std::span<const std::vector<std::string>> prompts,
                                        const TextEncodeOptions& options) {
  const TextConfig& text = model.config().text;
  ZeroShotWeights weights;
  weights.class_embeddings = Matrix(prompts.size(), model.config().embed_dim);
  std::size_t num_prompts = 0;
  for (const std::vector<std::string>& of_label : prompts) num_prompts += of_label.size();
  TextEncodeOptions turn = options;
  // Each turn takes as many labels as memory is planned for, encodes their prompts and adds them up.
  for (std::size_t begin = 0; begin < prompts.size();) {
    std::vector<GroupedPrompt> tokenized_prompts;  // those of a label together
    std::size_t end = begin;
    // Whole labels, at least one: a label's mean needs all of its prompts.
    while (end < prompts.size() && (end == begin || tokenized_prompts.size() < kPromptsAtOnce)) {
      for (std::size_t place = 0; place < prompts[end].size(); ++place) {
        const std::string& prompt = prompts[end][place];
        TokenizedPrompt tokenized = tokenizer.tokenize(prompt, text.context_length);
        if (tokenized.is_truncated)
          // Tokenized again without a limit, for the message. That is rare.
          weights.truncated_prompts.push_back({end, tokenizer.tokenize(prompt).token_ids.size()});
        // All positions are computed: batches are made by that length.
        if (fills_context(model.config())) tokenized.token_ids.resize(text.context_length, text.pad_token_id);
        // The place among a label's prompts is the template, whose prompts begin alike.
        tokenized_prompts.push_back({std::move(tokenized.token_ids), place});
      }
      ++end;
    }
    if (turn.on_estimate) {
      // Prompts of later turns are as long on the average.
      const double part = static_cast<double>(num_prompts) / static_cast<double>(tokenized_prompts.size());
      turn.on_estimate = [&options, part](double seconds) { options.on_estimate(seconds * part); };
    }
    Matrix prompt_features = encode_prompts(model, tokenized_prompts, turn);
    turn.on_estimate = nullptr;
    // Summed in the order of the prompts, whatever the batches were.
    std::size_t next_row = 0;
    for (; begin < end; ++begin) {
      const std::span<float> embedding = weights.class_embeddings.row(begin);
      for (std::size_t i = 0; i < prompts[begin].size(); ++i) {
        const std::span<float> features = prompt_features.row(next_row++);
        // CLIP's order: each prompt's features are normalised before the mean over the templates.
        normalize_l2(features);
        std::ranges::transform(embedding, features, embedding.begin(), std::plus<>());
      }
      // The sum and the mean have one direction, so nothing is divided by the number of prompts.
      normalize_l2(embedding);
    }
  }
  return weights;
}

}  // namespace clipcls
