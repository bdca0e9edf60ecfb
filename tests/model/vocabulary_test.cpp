#include "model/checkpoint/vocabulary.h"

#include <gtest/gtest.h>

#include "model/load_tokenizer.h"
#include "model/model_config.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "text/tokenizer.h"

namespace clipcls {
namespace {

constexpr const char* kMerges = "#version: 0.2\na b</w>\nc d</w>\n";
constexpr std::int64_t kVocabSize = 512 + 2 + 2;  // bytes, merges, start and end

TEST(Vocabulary, WithoutOneItIsClips) {
  const TemporaryFolder folder;
  EXPECT_EQ(import_vocabulary(folder.path(), Tokenizer().vocab_size()), "");
  expect_error(ErrorKind::kModel, "the model has 100 token embeddings, and CLIP's vocabulary",
               [&] { import_vocabulary(folder.path(), 100); });
}

TEST(Vocabulary, MergesLieBesideTheWeights) {
  const TemporaryFolder folder;
  folder.write("merges.txt", kMerges);
  const std::string weights = folder.write("model.safetensors", "");
  const std::string archive = folder.write("model.pt", "");
  EXPECT_EQ(import_vocabulary(folder.path(), kVocabSize), kMerges);
  EXPECT_EQ(import_vocabulary(weights, kVocabSize), kMerges);
  // What lies beside a .pt need not belong to it.
  EXPECT_EQ(import_vocabulary(archive, Tokenizer().vocab_size()), "");
}

TEST(Vocabulary, ATokenizerJsonHasTheMergesInEitherForm) {
  const TemporaryFolder folder;
  const std::string ids =
      R"({"!": 0, "!</w>": 256, "ab</w>": 512, "cd</w>": 513, "<|startoftext|>": 514, "<|endoftext|>": 515})";
  for (const char* merges : {R"(["a b</w>", "c d</w>"])", R"([["a", "b</w>"], ["c", "d</w>"]])"}) {
    folder.write("tokenizer.json", R"({"model": {"type": "BPE", "merges": )" + std::string(merges) +
                                       R"(, "vocab": )" + ids + "}}");
    EXPECT_EQ(import_vocabulary(folder.path(), kVocabSize),
              "#version: of tokenizer.json\na b</w>\nc d</w>\n");
  }
}

TEST(Vocabulary, OtherIdsThanTheTokenizerGivesAreRefused) {
  const TemporaryFolder folder;
  folder.write("merges.txt", kMerges);
  folder.write("vocab.json", R"({"!": 0, "!</w>": 256, "ab</w>": 513, "cd</w>": 512})");
  expect_error(ErrorKind::kModel, "an id of 513 for \"ab</w>\", and CLIP's tokenizer would give 512",
               [&] { import_vocabulary(folder.path(), kVocabSize); });
  folder.write("vocab.json", std::string(100'000, '['));
  expect_error(ErrorKind::kModel, "vocab.json: is nested too deeply",
               [&] { import_vocabulary(folder.path(), kVocabSize); });
}

TEST(LoadTokenizer, ItsIdsMustBeTheConfigs) {
  const TemporaryFolder folder;
  folder.write("merges.txt", kMerges);
  TextConfig text;
  text.vocab_size = kVocabSize;
  text.sot_token_id = kVocabSize - 2;
  text.eot_token_id = kVocabSize - 1;
  EXPECT_EQ(load_tokenizer(folder.path(), text).vocab_size(), kVocabSize);
  text.vocab_size = 49408;
  expect_error(
      ErrorKind::kModel,
      "config.json: field text.vocab_size is 49408, and merges.txt gives " + std::to_string(kVocabSize),
      [&] { load_tokenizer(folder.path(), text); });
}

}  // namespace
}  // namespace clipcls
