#include "clipcls/model.h"

#include <gtest/gtest.h>

#include <thread>

#include "model/load_model.h"
#include "model/load_tokenizer.h"
#include "everyday.h"
#include "support/expect_error.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

void expect_near(std::span<const float> a, std::span<const float> b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-4) << i;
}

TEST(PublicModel, SaysWhatItIs) {
  const Model& model = everyday();
  const ModelConfig config = read_model_config(kEveryday);
  EXPECT_EQ(model.name(), config.name);
  EXPECT_EQ(model.path(), kEveryday);
  EXPECT_EQ(model.embed_dim(), config.embed_dim);
  EXPECT_EQ(model.image_size(), static_cast<std::size_t>(config.image.image_size));
  EXPECT_EQ(model.context_length(), config.text.context_length);
  EXPECT_EQ(model.logit_scale(), config.logit_scale);
  EXPECT_EQ(model.logit_bias(), config.logit_bias);
  EXPECT_FALSE(model.is_sigmoid());
  EXPECT_EQ(model.prompt_templates(), config.prompt_templates);
  EXPECT_EQ(model.precision(), "fp32");
}

TEST(PublicModel, WhatIsNoModelOrNoWayToRunItIsAnError) {
  expect_error(ErrorKind::kModel, "ViT-B/33: no such model", [] { Model::load("ViT-B/33"); });
  expect_error(ErrorKind::kInvalidArgument, "hf:../../etc: is not a repository",
               [] { Model::load("hf:../../etc"); });
  expect_error(ErrorKind::kInvalidArgument, "tpu", [] { Model::load(kEveryday, {.device = "tpu"}); });
  expect_error(ErrorKind::kInvalidArgument, "fp16",
               [] { Model::load(kEveryday, {.precision = ModelOptions::Precision::kFloat16}); });
  expect_error(ErrorKind::kInvalidArgument, "`num_threads` is 5000",
               [] { Model::load(kEveryday, {.num_threads = 5000}); });
}

TEST(PublicModel, OnePictureHasTheFeaturesThatItHasAmongOthers) {
  const std::vector<Image> pictures = make_pictures(40);
  const std::size_t embed_dim = everyday().embed_dim();
  const std::vector<float> all = everyday().encode_images(pictures);
  ASSERT_EQ(all.size(), pictures.size() * embed_dim);
  for (const std::size_t i : {std::size_t{0}, std::size_t{17}, std::size_t{39}})
    expect_near(everyday().encode_image(pictures[i]), std::span(all).subspan(i * embed_dim, embed_dim));
  EXPECT_TRUE(everyday().encode_images({}).empty());
  expect_error(ErrorKind::kInvalidArgument, "no pixels", [] { everyday().encode_image(Image()); });
}

TEST(PublicModel, TextsHaveTheFeaturesThatLabelsAreMadeOf) {
  const std::vector<std::string> texts = {"a shark.", "a photo of a very large hot dog on a plate.",
                                          "a shark."};
  const std::size_t embed_dim = everyday().embed_dim();
  const std::vector<float> all = everyday().encode_texts(texts);
  ASSERT_EQ(all.size(), texts.size() * embed_dim);
  expect_near(everyday().encode_text(texts[1]), std::span(all).subspan(embed_dim, embed_dim));

  const std::unique_ptr<ClipModel> clip = load_model(kEveryday);
  const Tokenizer tokenizer = load_tokenizer(kEveryday, clip->config().text);
  const std::vector<std::vector<std::string>> prompts = {{texts[0]}, {texts[1]}, {texts[2]}};
  const Matrix expected = build_zero_shot_weights(*clip, tokenizer, prompts).class_embeddings;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<float> unit(all.begin() + static_cast<std::ptrdiff_t>(i * embed_dim),
                            all.begin() + static_cast<std::ptrdiff_t>((i + 1) * embed_dim));
    normalize_l2(unit);
    expect_near(unit, expected.row(i));
  }
}

TEST(PublicModel, TokenIdsAreNotCut) {
  const std::vector<std::int64_t> ids = everyday().token_ids("a shark");
  EXPECT_EQ(ids,
            load_tokenizer(kEveryday, read_model_config(kEveryday).text).tokenize("a shark").token_ids);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "shark ";
  EXPECT_GT(everyday().token_ids(text).size(), 100U);
  EXPECT_EQ(everyday().encode_text(text).size(), everyday().embed_dim());
}

TEST(PublicModel, SeveralThreadsEncodeAtOnce) {
  const Model model = Model::load(kEveryday, {.num_threads = 2});
  const std::vector<Image> pictures = make_pictures(30);
  const std::size_t embed_dim = model.embed_dim();
  const std::vector<float> expected = everyday().encode_images(pictures);
  const std::vector<float> expected_text = everyday().encode_text("a shark");
  std::vector<std::vector<float>> features(pictures.size());
  std::vector<float> of_all;
  std::vector<float> of_text;
  {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < 3; ++first) {
      threads.emplace_back([&, first] {
        for (std::size_t i = first; i < pictures.size(); i += 3)
          features[i] = model.encode_image(pictures[i]);
      });
    }
    threads.emplace_back([&] { of_all = model.encode_images(pictures); });
    threads.emplace_back([&] { of_text = model.encode_text("a shark"); });
  }
  for (std::size_t i = 0; i < pictures.size(); ++i)
    expect_near(features[i], std::span(expected).subspan(i * embed_dim, embed_dim));
  expect_near(of_all, expected);
  expect_near(of_text, expected_text);
}

}  // namespace
}  // namespace clipcls
