#include <gtest/gtest.h>

#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/content_hash.h"
#include "support/fake_clip_model.h"
#include "zero_shot/label_embedding_cache.h"

namespace clipcls {
namespace {

class NamedFakeModel : public FakeClipModel {
 public:
  std::string text_fingerprint() const override { return fingerprint; }
  std::string precision() const override { return precision_word; }
  std::string fingerprint = "0123";
  std::string precision_word = "fp32";
};

TEST(LabelEmbeddingKey, ChangesWithAllThatTheEmbeddingsDependOn) {
  using Prompts = std::vector<std::vector<std::string>>;
  NamedFakeModel model;
  std::vector<std::optional<std::string>> keys = {
      label_embedding_key(model, Prompts{{"a", "the a"}, {"b", "the b"}}),
      label_embedding_key(model, Prompts{{"b", "the b"}, {"a", "the a"}}),
      label_embedding_key(model, Prompts{{"the a", "a"}, {"the b", "b"}}),
      label_embedding_key(model, Prompts{{"a", "the a", "b", "the b"}}),  // the same prompts
      label_embedding_key(model, Prompts{{"a", "the a", "b"}, {"the b"}}),
      label_embedding_key(model, Prompts{{"a"}, {"b"}}),
      label_embedding_key(model, Prompts{{"a"}, {"bc"}}),
      label_embedding_key(model, Prompts{{"ab"}, {"c"}}),
  };
  model.precision_word = "bf16";
  keys.push_back(label_embedding_key(model, Prompts{{"a"}, {"b"}}));
  model.fingerprint = "0124";
  keys.push_back(label_embedding_key(model, Prompts{{"a"}, {"b"}}));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(keys[i]);
    EXPECT_EQ(keys[i]->size(), 32U);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(*keys[i], *keys[j]) << i << " and " << j;
  }
  EXPECT_EQ(label_embedding_key(model, Prompts{{"a"}, {"b"}}), keys.back());
  model.fingerprint = "";
  EXPECT_FALSE(label_embedding_key(model, Prompts{{"a"}}));
}

/// What is kept under a key must be what would be computed today. This fails when labels get other embeddings
/// though their key is the same: raise kEmbeddingVersion (src/zero_shot/label_embedding_cache.cpp), or
/// Tokenizer::kVersion where token ids changed, and add a line here. Never change a line: embeddings of that
/// key lie in people's caches.
TEST(LabelEmbeddingKey, ChangesWithTheEmbeddings) {
  struct Pinned {
    const char* key;
    const char* embeddings;  // checksum
  };
  // By a Python program, but for the checksum itself (XXH3).
  constexpr Pinned kPinned[] = {
      {"10897139cb3e7d3ceaecb7f29e41eb50", "75b9e3b6d860801ee9a3ab9c8a65a7d0"},
  };
  const std::vector<std::vector<std::string>> prompts = {
      {"a photo of a cat.", "cat"},
      {"dog"},
      {"a photo of a rather long label of several words, more than sixteen of them", "long"}};
  NamedFakeModel model;
  const ZeroShotWeights weights = build_zero_shot_weights(model, Tokenizer(), prompts);
  ASSERT_EQ(weights.truncated_prompts.size(), 1U);
  ContentHash embeddings;
  embeddings.add_bytes(std::as_bytes(std::span(weights.class_embeddings.values)));
  for (const TruncatedPrompt& prompt : weights.truncated_prompts) {
    embeddings.add_number(prompt.label_index);
    embeddings.add_number(prompt.num_tokens);
  }
  EXPECT_EQ(label_embedding_key(model, prompts), std::end(kPinned)[-1].key);
  EXPECT_EQ(embeddings.hex_digest(), std::end(kPinned)[-1].embeddings);
  for (const Pinned& pinned : kPinned) {
    for (const Pinned* earlier = kPinned; earlier != &pinned; ++earlier)
      EXPECT_STRNE(pinned.key, earlier->key) << "an earlier version's";
  }
}

}  // namespace
}  // namespace clipcls
