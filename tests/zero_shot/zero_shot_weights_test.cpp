#include "zero_shot/zero_shot_weights.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

using PromptTexts = std::vector<std::vector<std::string>>;

/// What the fake model says of `prompt`, unit length.
std::array<float, 3> unit_features(const Tokenizer& tokenizer, const std::string& prompt) {
  std::array<float, 3> features{};
  for (const std::int64_t id : tokenizer.tokenize(prompt, 16).token_ids)
    features[static_cast<std::size_t>(id % 3)] += 1;
  normalize_l2(features);
  return features;
}

TEST(ZeroShotWeights, AverageTheUnitFeaturesOfTheTemplates) {
  FakeClipModel model;
  const Tokenizer tokenizer;
  const PromptTexts prompts = {{"cat", "a photo of the cat."},
                               {"a rather long label of several words", "a photo of a rather long label"},
                               {"dog", "the dog"}};
  const ZeroShotWeights weights = build_zero_shot_weights(model, tokenizer, prompts);
  ASSERT_EQ(weights.class_embeddings.rows, 3U);
  ASSERT_EQ(weights.class_embeddings.cols, 3U);
  EXPECT_TRUE(weights.truncated_prompts.empty());
  for (std::size_t label = 0; label < prompts.size(); ++label) {
    const auto first = unit_features(tokenizer, prompts[label][0]);
    const auto second = unit_features(tokenizer, prompts[label][1]);
    std::array<float, 3> expected{};
    for (std::size_t i = 0; i < 3; ++i) expected[i] = first[i] + second[i];
    normalize_l2(expected);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_FLOAT_EQ(weights.class_embeddings.row(label)[i], expected[i]);
  }
}

TEST(ZeroShotWeights, LabelsMayHaveDifferentNumbersOfPrompts) {
  FakeClipModel model;
  const Tokenizer tokenizer;
  const auto weights = build_zero_shot_weights(model, tokenizer, PromptTexts{{"cat", "kitten"}, {"dog"}});
  const auto alone = build_zero_shot_weights(model, tokenizer, PromptTexts{{"dog"}});
  EXPECT_EQ(weights.class_embeddings.rows, 2U);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(weights.class_embeddings.row(1)[i], alone.class_embeddings.row(0)[i]);
}

TEST(ZeroShotWeights, BatchesAndWorkersChangeNothing) {
  FakeClipModel model;
  const Tokenizer tokenizer;
  const PromptTexts prompts = {
      {"one", "a one", "the big one"}, {"two words"}, {"three words here", "x"}, {"y"}};
  const auto whole = build_zero_shot_weights(model, tokenizer, prompts, {1000, 1});
  for (const std::size_t batch_tokens : {1U, 6U, 20U}) {
    for (const std::size_t num_workers : {1U, 3U}) {
      const auto weights = build_zero_shot_weights(model, tokenizer, prompts, {batch_tokens, num_workers});
      EXPECT_EQ(weights.class_embeddings.values, whole.class_embeddings.values);
    }
  }
}

TEST(ZeroShotWeights, EncodesLikeLengthsTogether) {
  FakeClipModel model;
  const PromptTexts prompts = {{"a b c d e f"}, {"a"}, {"a b c d e f"}, {"b"}};
  build_zero_shot_weights(model, Tokenizer(), prompts, {15, 1});
  const std::vector<std::pair<std::size_t, std::size_t>> expected = {{2, 3},
                                                                     {2, 8}};  // with start and end token
  EXPECT_EQ(model.text_shapes, expected);
}

TEST(ZeroShotWeights, EstimatesAllPromptsFromTheFasterOfTheFirstTwoBatches) {
  FakeClipModel model;
  // More than are encoded at a time, all of three tokens.
  const PromptTexts prompts(40000, {"x"});
  std::vector<double> estimates;
  double time = 0;
  int num_calls = 0;
  TextEncodeOptions options{.batch_tokens = 300, .num_workers = 1};
  options.on_estimate = [&](double seconds) { estimates.push_back(seconds); };
  // The first batch takes 100 seconds, and each later one 2.
  options.clock = [&] { return time += ++num_calls == 2 ? 100 : 2; };
  build_zero_shot_weights(model, Tokenizer(), prompts, options);
  ASSERT_EQ(estimates.size(), 1U);
  // Of the last batch of each turn there is only a part.
  EXPECT_NEAR(estimates[0], 2.0 * static_cast<double>(model.text_shapes.size()), 5);
  EXPECT_EQ(num_calls, 4);
}

TEST(ZeroShotWeights, PassesOnWhatTheEncoderThrows) {
  FakeClipModel model;
  model.fails_on_texts = true;
  const PromptTexts prompts = {{"a", "a a"}, {"b c", "a b c"}, {"d e f"}, {"g h i j"}};
  expect_error(ErrorKind::kModel, "text_encoder.pt: fails", [&] {
    build_zero_shot_weights(model, Tokenizer(), prompts, {4, 3});
  });
}

TEST(ZeroShotWeights, TellsWhichLabelsWereCut) {
  FakeClipModel model;  // takes 16 tokens
  const PromptTexts prompts = {{"short"}, {"a b c d e f g h i j k l m n o p q r s t"}};
  const auto weights = build_zero_shot_weights(model, Tokenizer(), prompts);
  ASSERT_EQ(weights.truncated_prompts.size(), 1U);
  EXPECT_EQ(weights.truncated_prompts[0].label_index, 1U);
  EXPECT_EQ(weights.truncated_prompts[0].num_tokens, 22U);
  EXPECT_EQ(model.text_shapes.back().second, 16U);
}

TEST(NormalizeL2, LeavesZerosAlone) {
  std::array<float, 2> zeros{};
  normalize_l2(zeros);
  EXPECT_EQ(zeros, (std::array<float, 2>{0, 0}));
  std::array<float, 2> huge = {3e30F, 4e30F};  // squares overflow a float
  normalize_l2(huge);
  EXPECT_FLOAT_EQ(huge[0], 0.6F);
  EXPECT_FLOAT_EQ(huge[1], 0.8F);
}

}  // namespace
}  // namespace clipcls
