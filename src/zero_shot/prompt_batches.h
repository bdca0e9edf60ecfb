#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clipcls {

/// Prompts that are encoded together.
struct PromptBatch {
  std::vector<std::size_t> prompts;  ///< their indices, the shortest first
  std::size_t prefix_length = 0;     ///< ids that all begin with; the end token is none of them
};

/// Divides `prompts`, token ids each, into batches of at most `batch_tokens` different tokens, or of one
/// prompt where that has more. A prompt's group is its index modulo `num_groups`: prompts of one group begin
/// alike, and groups are joined where sharing less costs less than another batch.
std::vector<PromptBatch> make_prompt_batches(std::span<const std::vector<std::int64_t>> prompts,
                                             std::size_t num_groups, std::size_t batch_tokens,
                                             std::int64_t eot_token_id);

}  // namespace clipcls
