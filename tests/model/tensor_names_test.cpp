#include "model/checkpoint/tensor_names.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

ClipArchitecture vit_b_32() {
  ClipArchitecture architecture;
  architecture.embed_dim = 512;
  architecture.image_size = 224;
  architecture.patch_size = 32;
  architecture.vision = {768, 12, 12, 3072};
  architecture.text = {512, 12, 8, 2048};
  architecture.context_length = 77;
  architecture.vocab_size = 49408;
  return architecture;
}

TEST(TensorNames, OpenClipKeepsThem) {
  const TensorShapes shapes = expected_shapes(vit_b_32());
  EXPECT_EQ(origin_shapes(shapes, CheckpointFormat::kOpenClip, false), shapes);
}

TEST(TensorNames, CustomTextClipHasAPrefix) {
  const TensorShapes shapes = origin_shapes(expected_shapes(vit_b_32()), CheckpointFormat::kOpenClip, true);
  EXPECT_EQ(shapes.at("text.transformer.resblocks.11.ln_2.bias"), TensorShape{512});
  EXPECT_EQ(shapes.at("text.text_projection"), (TensorShape{512, 512}));
  EXPECT_EQ(shapes.at("visual.proj"), (TensorShape{768, 512}));
  EXPECT_EQ(shapes.at("logit_scale"), TensorShape{});
  EXPECT_EQ(shapes.size(), 302U);
}

/// clip-vit-base-patch32 has 398 tensors, without the positions that older versions stored.
TEST(TensorNames, AreThoseOfTransformers) {
  ClipArchitecture architecture = vit_b_32();
  architecture.embed_dim = 500;
  const TensorShapes shapes =
      origin_shapes(expected_shapes(architecture), CheckpointFormat::kTransformers, false);
  EXPECT_EQ(shapes.size(), 398U);
  const TensorShapes some = {{"logit_scale", {}},
                             {"visual_projection.weight", {500, 768}},
                             {"text_projection.weight", {500, 512}},
                             {"vision_model.embeddings.class_embedding", {768}},
                             {"vision_model.embeddings.patch_embedding.weight", {768, 3, 32, 32}},
                             {"vision_model.embeddings.position_embedding.weight", {50, 768}},
                             {"vision_model.pre_layrnorm.weight", {768}},
                             {"vision_model.post_layernorm.bias", {768}},
                             {"vision_model.encoder.layers.11.self_attn.k_proj.weight", {768, 768}},
                             {"vision_model.encoder.layers.0.self_attn.out_proj.bias", {768}},
                             {"text_model.embeddings.token_embedding.weight", {49408, 512}},
                             {"text_model.embeddings.position_embedding.weight", {77, 512}},
                             {"text_model.encoder.layers.3.layer_norm1.weight", {512}},
                             {"text_model.encoder.layers.3.layer_norm2.bias", {512}},
                             {"text_model.encoder.layers.3.mlp.fc1.weight", {2048, 512}},
                             {"text_model.encoder.layers.3.mlp.fc2.weight", {512, 2048}},
                             {"text_model.encoder.layers.3.self_attn.v_proj.bias", {512}},
                             {"text_model.final_layer_norm.weight", {512}}};
  for (const auto& [name, shape] : some) {
    ASSERT_TRUE(shapes.contains(name)) << name;
    EXPECT_EQ(shapes.at(name), shape) << name;
  }
}

}  // namespace
}  // namespace clipcls
