#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "model/clip_model.h"
#include "text/tokenizer.h"

namespace clipcls {

/// A prompt that did not fit into the model's context_length and lost its end.
struct TruncatedPrompt {
  std::size_t label_index = 0;
  std::size_t num_tokens = 0;  ///< of the whole prompt, start and end token included
};

struct ZeroShotWeights {
  Matrix class_embeddings;  ///< [num_labels, embed_dim], unit rows: the transpose of open_clip's zero-shot
                            ///< weights
  std::vector<TruncatedPrompt> truncated_prompts;
};

/// Seconds since some moment, the same for all calls.
double steady_seconds();

struct TextEncodeOptions {
  std::size_t batch_tokens = 1024;  ///< tokens that are encoded together
  std::size_t num_workers = 0;      ///< threads; 0: one a core
  /// Hears once, behind the first batches and on any thread, how many seconds all prompts take. Null: nobody
  /// wants to know.
  std::function<void(double seconds)> on_estimate{};
  std::function<double()> clock = steady_seconds;  ///< what batches are measured by
};

/// Embeds the prompts of every label, `prompts`: [num_labels]: text_features are L2-normalised, averaged over
/// a label's prompts and normalised again, as open_clip's build_zero_shot_classifier does. Prompts of like
/// length are encoded together, so that no row is padded further than it needs, and with those that begin
/// alike, which is likely for those at the same place of different labels: they come from one template.
ZeroShotWeights build_zero_shot_weights(ClipModel& model, const Tokenizer& tokenizer,
                                        std::span<const std::vector<std::string>> prompts,
                                        const TextEncodeOptions& options = {});

}  // namespace clipcls
