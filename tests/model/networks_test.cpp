// The encoders that are built here, against themselves: packed and not, alone and in batches, with a shared
// prefix and without, stored in another type. That they compute what open_clip computes is tested with the
// test models (load_model_folder_test.cpp, openai_archive_test.cpp) and by tests/cli/models.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/libtorch/build_network.h"
#include "model/libtorch/library_arithmetic.h"
#include "processor/processor.h"
#include "random_towers.h"

namespace clipcls {
namespace {

using torch::Tensor;

double smallest_cosine(const Tensor& a, const Tensor& b) {
  return torch::cosine_similarity(a.to(torch::kDouble), b.to(torch::kDouble)).min().item<double>();
}

constexpr double kSameCosine = 0.999999;

class NetworksTest : public testing::TestWithParam<Towers> {
 protected:
  const ClipArchitecture& clip() const { return GetParam().clip; }
  std::unique_ptr<EncoderNetwork> image(torch::ScalarType type = torch::kFloat,
                                        torch::ScalarType stored = torch::kFloat) const {
    return build_image_network(clip(), make_weights(expected_image_shapes(clip()), stored),
                               {torch::kCPU, type});
  }
  std::unique_ptr<EncoderNetwork> text(torch::ScalarType type = torch::kFloat,
                                       torch::ScalarType stored = torch::kFloat) const {
    return build_text_network(clip(), make_weights(expected_text_shapes(clip()), stored),
                              {torch::kCPU, type});
  }
  Tensor pictures(std::int64_t count) const {
    torch::manual_seed(5);
    return torch::randn({count, 3, clip().image_size, clip().image_size});
  }
  /// Token ids [4, 10] that begin alike, whose texts end at different places; behind the end anything stands.
  Tensor texts() const {
    torch::manual_seed(5);
    Tensor ids = torch::randint(8, 48, {4, 10}, torch::kLong);
    ids.narrow(1, 0, 3).copy_(ids[0].narrow(0, 0, 3).clone().expand({4, 3}));
    for (std::int64_t row = 0; row < 4; ++row) {
      ids[row][9 - row] = clip().eot_token_id;
      ids[row].narrow(0, 9 - row + 1, row).fill_(1);
    }
    return ids;
  }

  torch::InferenceMode inference_;
};

TEST_P(NetworksTest, PackedLayersGiveTheSame) {
  if (const std::string& why = why_not_packed(torch::kFloat); !why.empty()) GTEST_SKIP() << why;
  const auto check = [](EncoderNetwork& network, const Tensor& input) {
    const Tensor expected = network.forward(input);
    const NetworkOptimization optimized = network.optimize(0, true);
    EXPECT_GT(optimized.linear_layers.num_all, 0);
    EXPECT_EQ(optimized.linear_layers.num_replaced, optimized.linear_layers.num_all);
    EXPECT_EQ(optimized.attentions.num_replaced, optimized.attentions.num_all);
    const Tensor packed = network.forward(input);
    EXPECT_GE(smallest_cosine(packed, expected), kSameCosine);
    EXPECT_NEAR((packed.norm() / expected.norm()).item<double>(), 1, 1e-4);
    EXPECT_TRUE(network.forward(input).equal(packed));  // and again
  };
  check(*image(), pictures(5));
  check(*text(), texts());
}

TEST_P(NetworksTest, IntegersAreNear) {
  if (!why_not_packed(torch::kFloat).empty()) GTEST_SKIP() << why_not_packed(torch::kFloat);
  const Tensor expected = image()->forward(pictures(5));
  const auto network = image();
  network->optimize(has_vnni(this_kernel_variant()) ? 8 : 7, true);
  const Tensor features = network->forward(pictures(5));
  EXPECT_GE(smallest_cosine(features, expected), 0.99);
  EXPECT_FALSE(features.equal(expected));
}

TEST_P(NetworksTest, HalfPrecisionIsConverted) {
  for (const bool is_packed : {false, true}) {
    if (is_packed && !why_not_packed(torch::kFloat).empty()) continue;
    const auto of_image = image(torch::kFloat, torch::kHalf);
    const auto of_text = text(torch::kFloat, torch::kHalf);
    if (is_packed) {
      of_image->optimize(0, true);
      of_text->optimize(0, true);
    }
    EXPECT_GE(smallest_cosine(of_image->forward(pictures(2)), image()->forward(pictures(2))), 0.9999);
    EXPECT_GE(smallest_cosine(of_text->forward(texts()), text()->forward(texts())), 0.9999);
    EXPECT_EQ(of_image->forward(pictures(1)).scalar_type(), torch::kFloat);
  }
}

TEST_P(NetworksTest, Bfloat16IsNear) {
  const auto of_image = image(torch::kBFloat16);
  const auto of_text = text(torch::kBFloat16);
  const Tensor expected_image = image()->forward(pictures(2));
  const Tensor expected_text = text()->forward(texts());
  EXPECT_GE(smallest_cosine(of_image->forward(pictures(2).to(torch::kBFloat16)), expected_image), 0.99);
  EXPECT_GE(smallest_cosine(of_text->forward(texts()), expected_text), 0.99);
#ifdef __SANITIZE_THREAD__  // its pthread_once() takes no exception; oneDNN throws one where it has no
                            // bfloat16
  if (!has_bfloat16(this_processor())) return;
#endif
  if (!why_not_packed(torch::kBFloat16).empty()) return;
  of_image->optimize(0, true);
  of_text->optimize(0, false);
  EXPECT_GE(smallest_cosine(of_image->forward(pictures(2).to(torch::kBFloat16)), expected_image), 0.99);
  EXPECT_GE(smallest_cosine(of_text->forward(texts()), expected_text), 0.99);
}

TEST_P(NetworksTest, ABatchGivesWhatEachGivesAlone) {
  const auto of_image = image();
  const Tensor together = of_image->forward(pictures(3));
  for (std::int64_t row = 0; row < 3; ++row)
    EXPECT_GE(smallest_cosine(of_image->forward(pictures(3).narrow(0, row, 1)), together.narrow(0, row, 1)),
              kSameCosine);
  const auto of_text = text();
  const Tensor features = of_text->forward(texts());
  for (std::int64_t row = 0; row < 4; ++row) {
    const Tensor cut = texts().narrow(0, row, 1).narrow(1, 0, 10 - row);  // up to its end token
    EXPECT_GE(smallest_cosine(of_text->forward(cut), features.narrow(0, row, 1)), kSameCosine) << row;
  }
}

TEST_P(NetworksTest, WhatStandsBehindTheEndChangesNothing) {
  const auto network = text();
  Tensor other = texts();
  if (clip().end_token_rule == EndTokenRule::kLastPosition || clip().text_tower == TextTower::kBert) {
    // Every position counts, or every one but the padding.
    other[3][9] = 3;
    EXPECT_LT(smallest_cosine(network->forward(other), network->forward(texts())), kSameCosine);
    return;
  }
  for (std::int64_t row = 1; row < 4; ++row) other[row].narrow(0, 10 - row, row).fill_(3);
  EXPECT_GE(smallest_cosine(network->forward(other), network->forward(texts())), kSameCosine);
}

TEST_P(NetworksTest, ASharedPrefixGivesTheSame) {
  const auto network = text();
  ASSERT_EQ(network->can_share_prefix(), clip().is_text_causal);
  if (!network->can_share_prefix()) {
    EXPECT_ANY_THROW(network->forward_shared_prefix(texts()[0], texts()));
    return;
  }
  const Tensor expected = network->forward(texts());
  for (const bool is_packed : {false, true}) {
    if (is_packed && !why_not_packed(torch::kFloat).empty()) continue;
    if (is_packed) network->optimize(0, false);
    for (const std::int64_t length : {1, 3}) {
      const Tensor shared = network->forward_shared_prefix(texts()[0].narrow(0, 0, length),
                                                           texts().narrow(1, length, 10 - length));
      EXPECT_GE(smallest_cosine(shared, expected), kSameCosine) << length;
    }
  }
}

TEST_P(NetworksTest, ConvolutionsAreThoseOfResnets) {
  const bool is_resnet =
      clip().image_tower == ImageTower::kModifiedResnet || clip().image_tower == ImageTower::kConvNet;
  EXPECT_EQ(image()->has_convolutions(), is_resnet);
  EXPECT_FALSE(text()->has_convolutions());
}

TEST_P(NetworksTest, AMissingTensorIsNamed) {
  StateDict weights = make_weights(expected_text_shapes(clip()), torch::kFloat);
  const std::string name = clip().text_tower == TextTower::kBert
                               ? "transformer.encoder.layer.2.output.LayerNorm.bias"
                               : "ln_final.bias";
  weights.take(name);
  try {
    build_text_network(clip(), std::move(weights), {});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::exception& error) {
    EXPECT_EQ(error.what(), "has no tensor " + name);
  }
}

// No library has this tower: it is written out in libtorch's own convolutions.
TEST(ConvNetTest, ComputesWhatItsConvolutionsCompute) {
  const torch::InferenceMode inference;
  const ClipArchitecture clip = conv_net();
  StateDict weights = make_weights(expected_image_shapes(clip), torch::kFloat);
  const auto network =
      build_image_network(clip, make_weights(expected_image_shapes(clip), torch::kFloat), {});
  const auto convolve = [&](const Tensor& x, const std::string& name, std::int64_t padding = 1) {
    const Tensor weight = weights.take(name + ".weight");
    return torch::conv2d(x, weight, weights.take(name + ".bias"), /*stride=*/1, padding);
  };
  torch::manual_seed(5);
  const Tensor pictures = torch::randn({3, 3, 32, 32});
  Tensor x = torch::gelu(convolve(torch::cat({pictures, pictures.flip(3)}), "visual.stem", 2));
  for (const std::string group : {"visual.groups.0.", "visual.groups.1."}) {
    x = torch::gelu(torch::max_pool2d(convolve(x, group + "0"), 2));
    x = torch::gelu(convolve(x, group + "1"));
    x = torch::gelu(x + convolve(x, group + "2", 1));
  }
  const Tensor both = torch::matmul(x.amax({2, 3}), weights.take("visual.proj"));
  const Tensor expected = both.narrow(0, 0, 3) + both.narrow(0, 3, 3);
  EXPECT_TRUE(network->forward(pictures).allclose(expected, /*rtol=*/1e-4, /*atol=*/1e-5));
}

TEST(SiglipVisionTransformerTest, LeavesTheLastPixelsOut) {
  const torch::InferenceMode inference;
  const auto network =
      build_image_network(siglip(), make_weights(expected_image_shapes(siglip()), torch::kFloat), {});
  Tensor pictures = torch::randn({1, 3, 27, 27});
  const Tensor expected = network->forward(pictures);
  pictures.narrow(2, 24, 3).fill_(9);
  pictures.narrow(3, 24, 3).fill_(9);
  EXPECT_TRUE(network->forward(pictures).equal(expected));
  pictures[0][0][23][23] += 9;
  EXPECT_FALSE(network->forward(pictures).equal(expected));
}

TEST(TextTransformerTest, WithoutAProjectionIsAsWithOneThatChangesNothing) {
  const torch::InferenceMode inference;
  ClipArchitecture projected = unprojected();
  projected.has_text_projection = true;
  StateDict weights = make_weights(expected_text_shapes(unprojected()), torch::kFloat);
  const auto network = build_text_network(unprojected(), std::move(weights), {});
  weights = make_weights(expected_text_shapes(unprojected()), torch::kFloat);
  weights.put("text_projection", torch::eye(projected.embed_dim));
  const Tensor ids = torch::randint(8, 48, {4, 10}, torch::kLong);
  const Tensor expected = build_text_network(projected, std::move(weights), {})->forward(ids);
  EXPECT_TRUE(network->forward(ids).allclose(expected, /*rtol=*/0, /*atol=*/1e-5));
}

INSTANTIATE_TEST_SUITE_P(Towers, NetworksTest,
                         testing::Values(Towers{"plain", plain()}, Towers{"everything", with_everything()},
                                         Towers{"one_layer", one_layer()}, Towers{"resnet", resnet()},
                                         Towers{"conv_net", conv_net()}, Towers{"siglip", siglip()},
                                         Towers{"unprojected", unprojected()}, Towers{"bert", bert()}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace clipcls
