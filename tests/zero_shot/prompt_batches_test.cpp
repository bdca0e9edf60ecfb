#include "zero_shot/prompt_batches.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace clipcls {
namespace {

using TokenIds = std::vector<std::int64_t>;
using Prompts = std::vector<GroupedPrompt>;

constexpr std::int64_t kStart = 100;
constexpr std::int64_t kEnd = 101;

/// `num_labels` labels of 1, 2, 3, 1, … tokens in each of the templates, a label's templates together.
Prompts make_prompts(std::size_t num_labels, const std::vector<TokenIds>& templates) {
  Prompts prompts;
  for (std::size_t label = 0; label < num_labels; ++label) {
    for (std::size_t group = 0; group < templates.size(); ++group) {
      TokenIds ids = {kStart};
      ids.insert(ids.end(), templates[group].begin(), templates[group].end());
      for (std::size_t i = 0; i <= label % 3; ++i) ids.push_back(static_cast<std::int64_t>(200 + label));
      ids.push_back(kEnd);
      prompts.push_back({ids, group});
    }
  }
  return prompts;
}

/// Every prompt is in one batch, and all of a batch begin as it says.
void expect_valid(const Prompts& prompts, const std::vector<PromptBatch>& batches, std::size_t batch_tokens) {
  std::vector<std::size_t> seen;
  for (const PromptBatch& batch : batches) {
    ASSERT_FALSE(batch.prompts.empty());
    const auto& first = prompts[batch.prompts.front()].token_ids;
    for (const std::size_t index : batch.prompts) {
      const auto& prompt = prompts[index].token_ids;
      seen.push_back(index);
      ASSERT_LT(batch.prefix_length, prompt.size()) << "nothing of the prompt is left";
      EXPECT_TRUE(std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(batch.prefix_length),
                             prompt.begin()));
      EXPECT_LE(prompt.size(), prompts[batch.prompts.back()].token_ids.size()) << "the last is the longest";
    }
    const std::size_t longest = prompts[batch.prompts.back()].token_ids.size();
    const std::size_t num_tokens =
        batch.prefix_length + batch.prompts.size() * (longest - batch.prefix_length);
    EXPECT_TRUE(num_tokens <= batch_tokens || batch.prompts.size() == 1) << num_tokens;
  }
  std::ranges::sort(seen);
  ASSERT_EQ(seen.size(), prompts.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST(PromptBatches, ShareTheBeginningOfATemplate) {
  const Prompts prompts = make_prompts(300, {{1, 2, 3, 4}, {5, 6}});
  const auto batches = make_prompt_batches(prompts, 256, kEnd);
  expect_valid(prompts, batches, 256);
  for (const PromptBatch& batch : batches)
    EXPECT_EQ(batch.prefix_length, batch.prompts.front() % 2 == 0 ? 5U : 3U);
  // Of each template 100 prompts of 2, 3 and 4 tokens behind its beginning: 900 tokens are six batches at
  // most, as lengths are kept apart where that saves more than a batch costs.
  EXPECT_LE(batches.size(), 12U);
}

TEST(PromptBatches, JoinTemplatesOfFewLabels) {
  std::vector<TokenIds> templates;
  for (std::int64_t i = 0; i < 80; ++i) templates.push_back({1, 2, 3 + i, 7});
  const Prompts prompts = make_prompts(3, templates);
  const auto batches = make_prompt_batches(prompts, 1024, kEnd);
  expect_valid(prompts, batches, 1024);
  EXPECT_LE(batches.size(), 4U);  // of 240 prompts with some five tokens each behind what all begin with
  for (const PromptBatch& batch : batches) EXPECT_GE(batch.prefix_length, 3U);
}

TEST(PromptBatches, LongPromptsDoNotMakeShortOnesLong) {
  // 90 labels of one token, 9 of two, one of eight: 90 · 7 tokens of padding.
  Prompts prompts;
  for (std::int64_t label = 0; label < 100; ++label) {
    TokenIds ids = {kStart, 1, 2};
    const std::size_t length = label < 90 ? 1 : label < 99 ? 2 : 8;
    ids.insert(ids.end(), length, 200 + label);
    ids.push_back(kEnd);
    prompts.push_back({ids, 0});
  }
  const auto batches = make_prompt_batches(prompts, 1024, kEnd);
  expect_valid(prompts, batches, 1024);
  std::size_t num_tokens = 0;
  for (const PromptBatch& batch : batches)
    num_tokens +=
        batch.prompts.size() * (prompts[batch.prompts.back()].token_ids.size() - batch.prefix_length);
  // 90 · 2 and, in a batch of their own, 10 · 9: a third batch would cost more than it saves.
  EXPECT_EQ(batches.size(), 2U);
  EXPECT_EQ(num_tokens, 90U * 2 + 10U * 9);
}

TEST(PromptBatches, AnEndTokenEndsTheBeginning) {
  // The same prompt twice, and a text that holds the end token itself.
  const Prompts prompts = {{{kStart, 7, kEnd}, 0}, {{kStart, 7, kEnd}, 0}, {{kStart, 7, kEnd, 8, kEnd}, 0}};
  const auto batches = make_prompt_batches(prompts, 1024, kEnd);
  expect_valid(prompts, batches, 1024);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].prefix_length, 2U);
}

TEST(PromptBatches, APromptThatIsTooLongIsAloneInItsBatch) {
  Prompts prompts = make_prompts(6, {{1}});
  prompts[2].token_ids.insert(prompts[2].token_ids.begin() + 2, 50, 9);
  const auto batches = make_prompt_batches(prompts, 16, kEnd);
  expect_valid(prompts, batches, 16);
}

TEST(PromptBatches, NoPromptsAreNoBatches) { EXPECT_TRUE(make_prompt_batches({}, 16, kEnd).empty()); }

}  // namespace
}  // namespace clipcls
