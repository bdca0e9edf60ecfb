#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clipcls/matrix.h"
#include "clipcls/model/clip_model.h"
#include "clipcls/zero_shot/zero_shot_weights.h"

namespace clipcls {

/// text_features of `prompts`, token ids each, [prompts, embed_dim], unit rows. `num_groups` prompts in a row
/// belong to different groups, and prompts of one group, every num_groups-th, are likely to begin alike, as
/// those of one template do.
///
/// Each batch holds prompts of like length that share a beginning, and about options.batch_tokens different
/// tokens. Throws Error (kModel).
Matrix encode_prompts(ClipModel& model, std::span<const std::vector<std::int64_t>> prompts,
                      std::size_t num_groups, const TextEncodeOptions& options);

}  // namespace clipcls
