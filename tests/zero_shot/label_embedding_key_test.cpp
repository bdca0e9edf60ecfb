#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "clipcls/zero_shot/label_embedding_cache.h"
#include "support/fake_clip_model.h"

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

}  // namespace
}  // namespace clipcls
