#include "model/checkpoint/checkpoint_config.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace clipcls {
namespace {

CheckpointConfig read(const std::string& json) {
  const TemporaryFolder folder;
  return read_checkpoint_config(folder.write("some.json", json));
}

TEST(CheckpointConfig, ReadsAModelConfigOfOpenClips) {
  const CheckpointConfig config = read(R"({"embed_dim": 512, "quick_gelu": true,
      "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
      "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}})");
  EXPECT_EQ(config.format, CheckpointFormat::kOpenClip);
  EXPECT_EQ(config.architecture.vision, (TransformerShape{768, 12, 12, 3072}));
  EXPECT_EQ(config.architecture.text, (TransformerShape{512, 12, 8, 2048}));
  EXPECT_EQ(config.architecture.end_token_rule, EndTokenRule::kHighestId);
  EXPECT_EQ(config.image.image_size, 224);
  EXPECT_EQ(config.image.interpolation, Interpolation::kBicubic);
  EXPECT_FALSE(config.has_logit_bias);
}

TEST(CheckpointConfig, RoundsTheWidthOfAnMlpAsPythonDoes) {
  const CheckpointConfig config = read(R"({"model_cfg": {"embed_dim": 1280,
      "vision_cfg": {"image_size": [224, 224], "layers": 48, "width": 1664, "head_width": 104, "mlp_ratio": 4.9231,
                     "patch_size": [14, 14]},
      "text_cfg": {"width": 1280, "heads": 20, "layers": 32}},
      "preprocess_cfg": {"resize_mode": "squash", "interpolation": "bilinear"}})");
  EXPECT_EQ(config.architecture.vision, (TransformerShape{1664, 48, 16, 8192, MlpActivation::kGelu}));
  EXPECT_EQ(config.architecture.patch_size, 14);
  EXPECT_EQ(config.image.resize_mode, ResizeMode::kSquash);
  EXPECT_EQ(config.image.interpolation, Interpolation::kBilinear);
}

/// What is missing has the default of CLIPTextConfig and CLIPVisionConfig, as in the files of transformers 4.
TEST(CheckpointConfig, ReadsTransformersWithItsDefaults) {
  const CheckpointConfig config = read(R"({"model_type": "clip", "projection_dim": 768,
      "text_config": {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "eos_token_id": 2},
      "vision_config": {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16,
                        "num_hidden_layers": 24, "patch_size": 14}})");
  EXPECT_EQ(config.format, CheckpointFormat::kTransformers);
  EXPECT_EQ(config.architecture.embed_dim, 768);
  EXPECT_EQ(config.architecture.vision, (TransformerShape{1024, 24, 16, 4096}));
  EXPECT_EQ(config.architecture.text, (TransformerShape{768, 12, 12, 3072}));
  EXPECT_EQ(config.architecture.image_size, 224);
  EXPECT_EQ(config.architecture.end_token_rule, EndTokenRule::kHighestId);
}

TEST(CheckpointConfig, LetsTheOlderFieldOfTransformersWin) {
  const CheckpointConfig config = read(R"({"model_type": "clip",
      "text_config": {"hidden_act": "quick_gelu", "num_hidden_layers": 3},
      "text_config_dict": {"hidden_act": "gelu", "num_attention_heads": 16},
      "vision_config": {}, "vision_config_dict": null})");
  EXPECT_EQ(config.architecture.text.activation, MlpActivation::kGelu);
  EXPECT_EQ(config.architecture.text.num_heads, 16);
  EXPECT_EQ(config.architecture.text.num_layers, 12);
  EXPECT_EQ(config.architecture.end_token_rule, EndTokenRule::kFirstEndToken);
  EXPECT_EQ(config.architecture.eot_token_id, 49407);
  EXPECT_EQ(config.architecture.vision.activation, MlpActivation::kQuickGelu);
}

}  // namespace
}  // namespace clipcls
