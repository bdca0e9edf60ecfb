#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clipcls {

/// A prompt as token ids. Prompts of one group are likely to begin alike, as those of one template do.
struct GroupedPrompt {
  std::vector<std::int64_t> token_ids;
  std::size_t group = 0;
};

/// Prompts that are encoded together.
struct PromptBatch {
  std::vector<std::size_t> prompts;  ///< their indices, the shortest first
  std::size_t prefix_length = 0;     ///< ids that all begin with; the end token is none of them
};

/// Divides `prompts` into batches of at most `batch_tokens` different tokens, or of one prompt where that has
/// more. Groups are joined where sharing less costs less than another batch.
std::vector<PromptBatch> make_prompt_batches(std::span<const GroupedPrompt> prompts, std::size_t batch_tokens,
                                             std::int64_t eot_token_id);

}  // namespace clipcls
