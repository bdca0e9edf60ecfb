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
  EXPECT_EQ(origin_shapes(shapes, {CheckpointFormat::kOpenClip}), shapes);
}

TEST(TensorNames, CustomTextClipHasAPrefix) {
  const TensorShapes shapes = origin_shapes(expected_shapes(vit_b_32()), {CheckpointFormat::kOpenClip, true});
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
  const TensorShapes shapes = origin_shapes(expected_shapes(architecture), {CheckpointFormat::kTransformers});
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

ClipArchitecture siglip_b_16() {
  ClipArchitecture architecture;
  architecture.embed_dim = 768;
  architecture.image_size = 224;
  architecture.patch_size = 16;
  architecture.image_tower = ImageTower::kSiglipVisionTransformer;
  architecture.vision = architecture.text = {768, 12, 12, 3072};
  architecture.context_length = 64;
  architecture.vocab_size = 32000;
  architecture.has_text_projection_bias = true;
  return architecture;
}

void expect_some(const TensorShapes& shapes, const TensorShapes& some) {
  for (const auto& [name, shape] : some) {
    ASSERT_TRUE(shapes.contains(name)) << name;
    EXPECT_EQ(shapes.at(name), shape) << name;
  }
}

/// siglip-base-patch16-224 has 408 tensors, of which logit_bias is not asked for by an architecture.
TEST(TensorNames, AreThoseOfTransformersSiglip) {
  const TensorShapes shapes =
      origin_shapes(expected_shapes(siglip_b_16()), {CheckpointFormat::kTransformers});
  EXPECT_EQ(shapes.size(), 407U);
  expect_some(shapes, {{"vision_model.embeddings.patch_embedding.bias", {768}},
                       {"vision_model.embeddings.position_embedding.weight", {196, 768}},
                       {"vision_model.head.probe", {1, 1, 768}},
                       {"vision_model.head.attention.in_proj_weight", {2304, 768}},
                       {"vision_model.head.attention.out_proj.bias", {768}},
                       {"vision_model.head.layernorm.weight", {768}},
                       {"vision_model.head.mlp.fc1.weight", {3072, 768}},
                       {"text_model.head.weight", {768, 768}},
                       {"text_model.head.bias", {768}}});
}

TEST(TensorNames, AreThoseOfTimmsSiglip) {
  const TensorShapes shapes =
      origin_shapes(expected_shapes(siglip_b_16()), {.has_text_prefix = true, .has_timm_image_tower = true});
  expect_some(shapes, {{"visual.trunk.patch_embed.proj.weight", {768, 3, 16, 16}},
                       {"visual.trunk.pos_embed", {1, 196, 768}},
                       {"visual.trunk.blocks.11.attn.qkv.bias", {2304}},
                       {"visual.trunk.blocks.0.attn.proj.weight", {768, 768}},
                       {"visual.trunk.blocks.0.norm2.weight", {768}},
                       {"visual.trunk.norm.bias", {768}},
                       {"visual.trunk.attn_pool.latent", {1, 1, 768}},
                       {"visual.trunk.attn_pool.q.weight", {768, 768}},
                       {"visual.trunk.attn_pool.kv.bias", {1536}},
                       {"visual.trunk.attn_pool.proj.weight", {768, 768}},
                       {"visual.trunk.attn_pool.norm.weight", {768}},
                       {"visual.trunk.attn_pool.mlp.fc2.weight", {768, 3072}},
                       {"text.text_projection.bias", {768}},
                       {"text.transformer.resblocks.3.attn.in_proj_weight", {2304, 768}}});
}

ClipArchitecture with_bert() {
  ClipArchitecture architecture = vit_b_32();
  architecture.text_tower = TextTower::kBert;
  architecture.text = {768, 12, 12, 3072, MlpActivation::kGelu, 1e-12};
  architecture.vocab_size = 21128;
  architecture.num_positions = 512;
  architecture.num_token_types = 2;
  return architecture;
}

TEST(TensorNames, AreThoseOfChineseClip) {
  const TensorShapes shapes = origin_shapes(expected_shapes(with_bert()), {CheckpointFormat::kTransformers});
  expect_some(shapes, {{"text_model.embeddings.word_embeddings.weight", {21128, 768}},
                       {"text_model.embeddings.position_embeddings.weight", {512, 768}},
                       {"text_model.embeddings.token_type_embeddings.weight", {2, 768}},
                       {"text_model.embeddings.LayerNorm.bias", {768}},
                       {"text_model.encoder.layer.11.attention.self.key.weight", {768, 768}},
                       {"text_model.encoder.layer.0.attention.output.LayerNorm.weight", {768}},
                       {"text_model.encoder.layer.0.intermediate.dense.bias", {3072}},
                       {"text_projection.weight", {512, 768}},
                       {"vision_model.pre_layrnorm.weight", {768}}});
}

TEST(TensorNames, AreThoseOfBiomedClip) {
  ClipArchitecture architecture = with_bert();
  architecture.has_mlp_projection = true;
  architecture.has_ln_pre = false;
  architecture.has_patch_bias = true;
  architecture.patch_size = 16;
  const TensorShapes shapes =
      origin_shapes(expected_shapes(architecture), {.has_text_prefix = true, .has_timm_image_tower = true});
  expect_some(shapes, {{"text.transformer.embeddings.word_embeddings.weight", {21128, 768}},
                       {"text.transformer.encoder.layer.11.output.dense.weight", {768, 3072}},
                       {"text.proj.0.weight", {640, 768}},
                       {"text.proj.2.weight", {512, 640}},
                       {"visual.trunk.cls_token", {1, 1, 768}},
                       {"visual.trunk.pos_embed", {1, 197, 768}},
                       {"visual.trunk.patch_embed.proj.bias", {768}},
                       {"visual.trunk.blocks.0.attn.qkv.weight", {2304, 768}},
                       {"visual.head.proj.weight", {512, 768}}});
}

}  // namespace
}  // namespace clipcls
