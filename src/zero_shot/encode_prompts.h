#pragma once

#include <span>

#include "base/matrix.h"
#include "model/clip_model.h"
#include "prompt_batches.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {

/// text_features of `prompts`, [prompts, embed_dim], not normalised. Each batch holds prompts of like length
/// that share a beginning, and about options.batch_tokens different tokens. Throws Error (kModel).
Matrix encode_prompts(ClipModel& model, std::span<const GroupedPrompt> prompts,
                      const TextEncodeOptions& options);

}  // namespace clipcls
