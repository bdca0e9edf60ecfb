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
  using Labels = std::vector<std::string>;
  const auto templates = [](const std::vector<std::string>& texts) {
    return std::vector<PromptTemplate>(texts.begin(), texts.end());
  };
  NamedFakeModel model;
  std::vector<std::optional<std::string>> keys = {
      label_embedding_key(model, Labels{"a", "b"}, templates({"{}", "the {}"})),
      label_embedding_key(model, Labels{"b", "a"}, templates({"{}", "the {}"})),
      label_embedding_key(model, Labels{"a", "b"}, templates({"the {}", "{}"})),
      label_embedding_key(model, Labels{"a", "b"}, templates({"{}"})),
      label_embedding_key(model, Labels{"a", "the a", "b", "the b"}, templates({"{}"})),  // the same prompts
      label_embedding_key(model, Labels{"a", "bc"}, templates({"{}"})),
      label_embedding_key(model, Labels{"ab", "c"}, templates({"{}"})),
  };
  model.precision_word = "bf16";
  keys.push_back(label_embedding_key(model, Labels{"a", "b"}, templates({"{}"})));
  model.fingerprint = "0124";
  keys.push_back(label_embedding_key(model, Labels{"a", "b"}, templates({"{}"})));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(keys[i]);
    EXPECT_EQ(keys[i]->size(), 32U);
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(*keys[i], *keys[j]) << i << " and " << j;
  }
  EXPECT_EQ(label_embedding_key(model, Labels{"a", "b"}, templates({"{}"})), keys.back());
  model.fingerprint = "";
  EXPECT_FALSE(label_embedding_key(model, Labels{"a"}, templates({"{}"})));
}

}  // namespace
}  // namespace clipcls
