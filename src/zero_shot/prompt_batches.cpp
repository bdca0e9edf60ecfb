// Prompts of one template begin alike, and what a causal encoder computes for a shared beginning serves them
// all. So prompts are batched by group and by length, to compute few tokens, in batches that are not too
// many or too large.
#include "prompt_batches.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace clipcls {
namespace {

using Prompts = std::span<const GroupedPrompt>;

// What a batch costs besides its tokens, in tokens: the set-up of some hundred operators.
constexpr std::size_t kBatchCost = 64;

/// How many ids both begin with; an end token ends the beginning.
std::size_t common_prefix(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                          std::int64_t eot_token_id) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t length = 0;
  // The features are read at the end token, so it cannot be a part of what all prompts share.
  while (length < most && a[length] == b[length] && a[length] != eot_token_id) ++length;
  return length;
}

std::size_t prefix_of(Prompts prompts, std::span<const std::size_t> indices, std::int64_t eot_token_id) {
  const std::vector<std::int64_t>& first = prompts[indices.front()].token_ids;
  std::size_t length = std::numeric_limits<std::size_t>::max();
  for (const std::size_t index : indices)
    length = std::min(length, common_prefix(first, prompts[index].token_ids, eot_token_id));
  return length;
}

/// The different tokens of prompts that share `prefix_length` ids.
std::size_t count_tokens(Prompts prompts, const PromptBatch& batch) {
  std::size_t count = batch.prefix_length;
  for (const std::size_t index : batch.prompts)
    count += prompts[index].token_ids.size() - batch.prefix_length;
  return count;
}

PromptBatch join(Prompts prompts, const PromptBatch& a, const PromptBatch& b, std::int64_t eot_token_id) {
  PromptBatch joined = a;
  joined.prompts.insert(joined.prompts.end(), b.prompts.begin(), b.prompts.end());
  // The first prompts stand for their batches, whose prompts agree up to their prefix.
  joined.prefix_length = std::min({a.prefix_length, b.prefix_length,
                                   common_prefix(prompts[a.prompts.front()].token_ids,
                                                 prompts[b.prompts.front()].token_ids, eot_token_id)});
  return joined;
}

/// Groups with like beginnings next to each other, and small ones joined.
std::vector<PromptBatch> join_groups(Prompts prompts, std::vector<PromptBatch> groups,
                                     std::size_t batch_tokens, std::int64_t eot_token_id) {
  // In the order of token ids, groups that begin alike are neighbours: one pass over pairs finds what to
  // join.
  std::ranges::sort(groups, {},
                    [&](const PromptBatch& group) { return prompts[group.prompts.front()].token_ids; });
  std::vector<PromptBatch> joined;
  for (PromptBatch& group : groups) {
    if (!joined.empty()) {
      PromptBatch both = join(prompts, joined.back(), group, eot_token_id);
      const std::size_t apart = count_tokens(prompts, joined.back()) + count_tokens(prompts, group);
      const std::size_t together = count_tokens(prompts, both);
      // Joining makes the shared prefix shorter and so costs tokens; it saves a batch's set-up.
      if (together <= batch_tokens && together <= apart + kBatchCost) {
        joined.back() = std::move(both);
        continue;
      }
    }
    joined.push_back(std::move(group));
  }
  return joined;
}

/// The prompts of a group, the shortest first, in parts between which padding would cost more than another
/// batch: every prompt of a part takes as many tokens as its longest. The parts have the least cost in all.
std::vector<PromptBatch> split_by_length(Prompts prompts, const PromptBatch& group) {
  const auto length_of = [&](std::size_t place) { return prompts[group.prompts[place]].token_ids.size(); };
  // Where a length ends: parts end there.
  std::vector<std::size_t> ends = {0};
  for (std::size_t place = 1; place <= group.prompts.size(); ++place) {
    if (place == group.prompts.size() || length_of(place) != length_of(place - 1)) ends.push_back(place);
  }
  // Of the prompts before ends[i]: what they cost, and where the last part of them begins.
  std::vector<std::size_t> cost(ends.size(), std::numeric_limits<std::size_t>::max());
  std::vector<std::size_t> start(ends.size(), 0);
  cost[0] = 0;
  for (std::size_t end = 1; end < ends.size(); ++end) {
    const std::size_t own_tokens = length_of(ends[end] - 1) - group.prefix_length;
    for (std::size_t begin = 0; begin < end; ++begin) {
      const std::size_t part = kBatchCost + group.prefix_length + (ends[end] - ends[begin]) * own_tokens;
      if (cost[begin] + part < cost[end]) {
        cost[end] = cost[begin] + part;
        start[end] = begin;
      }
    }
  }
  std::vector<PromptBatch> parts;
  for (std::size_t end = ends.size() - 1; end > 0; end = start[end]) {
    const auto at = [&](std::size_t i) {
      return group.prompts.begin() + static_cast<std::ptrdiff_t>(ends[i]);
    };
    parts.push_back({{at(start[end]), at(end)}, group.prefix_length});
  }
  std::ranges::reverse(parts);
  return parts;
}

/// Prompts of like length, the shortest first, in batches of about the same number of tokens.
void divide(Prompts prompts, const PromptBatch& group, std::size_t batch_tokens,
            std::vector<PromptBatch>& batches) {
  const std::size_t num_batches = (count_tokens(prompts, group) + batch_tokens - 1) / batch_tokens;
  // Equal shares, rather than full batches and a small rest.
  const std::size_t aim = std::max<std::size_t>(1, count_tokens(prompts, group) / num_batches);
  PromptBatch batch;
  batch.prefix_length = group.prefix_length;
  std::size_t num_tokens = group.prefix_length;
  for (const std::size_t index : group.prompts) {
    const std::size_t length = prompts[index].token_ids.size() - group.prefix_length;
    // Shortest first: this prompt is the longest of the batch, and all others would be padded to it.
    const std::size_t padded = group.prefix_length + (batch.prompts.size() + 1) * length;
    if (!batch.prompts.empty() && (num_tokens >= aim || padded > batch_tokens)) {
      batches.push_back(std::exchange(batch, {{}, group.prefix_length}));
      num_tokens = group.prefix_length;
    }
    batch.prompts.push_back(index);
    num_tokens += length;
  }
  batches.push_back(std::move(batch));
}

}  // namespace

std::vector<PromptBatch> make_prompt_batches(Prompts prompts, std::size_t batch_tokens,
                                             std::int64_t eot_token_id) {
  // The steps: prompts of a group together with what they share, groups that are cheaper together joined, and
  // what is too large divided.
  std::map<std::size_t, PromptBatch> groups;
  for (std::size_t index = 0; index < prompts.size(); ++index)
    groups[prompts[index].group].prompts.push_back(index);
  std::vector<PromptBatch> whole_groups;
  for (auto& [number, group] : groups) {
    group.prefix_length = prefix_of(prompts, group.prompts, eot_token_id);
    whole_groups.push_back(std::move(group));
  }
  std::vector<PromptBatch> batches;
  for (PromptBatch& group : join_groups(prompts, std::move(whole_groups), batch_tokens, eot_token_id)) {
    std::ranges::stable_sort(group.prompts, {},
                             [&](std::size_t index) { return prompts[index].token_ids.size(); });
    for (const PromptBatch& part : split_by_length(prompts, group))
      divide(prompts, part, batch_tokens, batches);
  }
  return batches;
}

}  // namespace clipcls
