#include "model/checkpoint/checkpoint_config.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
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

TEST(CheckpointConfig, BarsAreBlack) {
  const auto read_preprocess = [](const std::string& fields) {
    return read(R"({"model_cfg": {"embed_dim": 512,
        "vision_cfg": {"image_size": 224, "layers": 12, "width": 768, "patch_size": 32},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 512, "heads": 8, "layers": 12}},
        "preprocess_cfg": {)" +
                fields + "}}");
  };
  EXPECT_EQ(read_preprocess(R"("resize_mode": "longest", "fill_color": 0)").image.resize_mode,
            ResizeMode::kPad);
  expect_error(ErrorKind::kModel, "fill_color is 255",
               [&] { read_preprocess(R"("resize_mode": "longest", "fill_color": 255)"); });
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

/// The file of google/siglip2-so400m-patch16-384, which says only what is not SiglipConfig's default.
TEST(CheckpointConfig, ReadsSiglipWithItsDefaults) {
  const CheckpointConfig config = read(R"({"model_type": "siglip",
      "text_config": {"hidden_size": 1152, "intermediate_size": 4304, "num_attention_heads": 16,
                      "num_hidden_layers": 27, "vocab_size": 256000},
      "vision_config": {"hidden_size": 1152, "image_size": 384, "intermediate_size": 4304,
                        "num_attention_heads": 16, "num_hidden_layers": 27}})");
  constexpr TransformerShape kSo400m = {1152, 27, 16, 4304, MlpActivation::kGeluTanh, 1e-6};
  EXPECT_EQ(config.format, CheckpointFormat::kTransformers);
  EXPECT_EQ(config.architecture.vision, kSo400m);
  EXPECT_EQ(config.architecture.text, kSo400m);
  EXPECT_EQ(config.architecture.embed_dim, 1152);
  EXPECT_EQ(config.architecture.patch_size, 16);
  EXPECT_EQ(config.architecture.context_length, 64);
  EXPECT_EQ(config.architecture.end_token_rule, EndTokenRule::kLastPosition);
  EXPECT_FALSE(config.architecture.is_text_causal);
  EXPECT_EQ(config.image.resize_mode, ResizeMode::kSquash);
  EXPECT_EQ(config.image.image_mean, (std::array<float, 3>{0.5F, 0.5F, 0.5F}));
  ASSERT_TRUE(config.text);
  EXPECT_TRUE(config.text->is_siglip);
  const ClipArchitecture plain = read(R"({"model_type": "siglip"})").architecture;
  EXPECT_EQ(plain.vision, (TransformerShape{768, 12, 12, 3072, MlpActivation::kGeluTanh, 1e-6}));
  EXPECT_EQ(plain.vocab_size, 32000);
}

/// open_clip's ViT-SO400M-14-SigLIP: timm's name says what its weights were trained with.
TEST(CheckpointConfig, ReadsTimmsNamesOfSiglip) {
  const auto read_named = [](const std::string& name, const std::string& projection = "\"proj_bias\": true") {
    return read(R"({"embed_dim": 1152, "init_logit_bias": -10, "custom_text": true,
        "vision_cfg": {"image_size": 224, "timm_model_pretrained": false, "timm_pool": "map", "timm_proj": "none",
                       "timm_model_name": ")" +
                name + R"("},
        "text_cfg": {"context_length": 16, "vocab_size": 32000, "hf_tokenizer_name": "timm/ViT-SO400M-14-SigLIP",
                     "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 1152, "heads": 16, "layers": 27,
                     "mlp_ratio": 3.7362, "no_causal_mask": true, "pool_type": "last",
                     "norm_kwargs": {"eps": 1e-6}, )" +
                projection + "}}");
  };
  const CheckpointConfig config = read_named("vit_so400m_patch14_siglip_224");
  EXPECT_TRUE(config.has_timm_image_tower);
  EXPECT_EQ(config.architecture.vision, (TransformerShape{1152, 27, 16, 4304, MlpActivation::kGelu, 1e-6}));
  EXPECT_EQ(config.architecture.text, (TransformerShape{1152, 27, 16, 4304, MlpActivation::kGelu, 1e-6}));
  EXPECT_EQ(config.architecture.context_length, 16);
  EXPECT_EQ(config.architecture.end_token_rule, EndTokenRule::kLastPosition);
  ASSERT_TRUE(config.text);
  EXPECT_EQ(config.text->cleaning, TextCleaning::kCanonicalize);
  EXPECT_FALSE(config.text->is_siglip);
  EXPECT_EQ(read_named("vit_so400m_patch16_siglip_256").architecture.vision.activation,
            MlpActivation::kGeluTanh);
  expect_error(ErrorKind::kModel, "vision_cfg.timm_model_name is \"vit_tiny\"",
               [&] { read_named("vit_tiny"); });
  EXPECT_TRUE(config.architecture.has_text_projection && config.architecture.has_text_projection_bias);
  // ViT-SO400M-16-SigLIP-i18n-256's.
  const ClipArchitecture plain =
      read_named("vit_so400m_patch16_siglip_256", R"("proj_type": "none", "proj_bias": true)").architecture;
  EXPECT_FALSE(plain.has_text_projection || plain.has_text_projection_bias);
  EXPECT_FALSE(expected_text_shapes(plain).contains("text_projection"));
  expect_error(ErrorKind::kModel, "text_cfg.proj_type is \"mlp\"",
               [&] { read_named("vit_so400m_patch16_siglip_256", R"("proj_type": "mlp")"); });
}

TEST(CheckpointConfig, ReadsChineseClip) {
  const CheckpointConfig config = read(R"({"model_type": "chinese_clip", "projection_dim": 512,
      "text_config": {"vocab_size": 21128}, "vision_config": {"patch_size": 16}})");
  EXPECT_EQ(config.format, CheckpointFormat::kTransformers);
  EXPECT_EQ(config.architecture.text_tower, TextTower::kBert);
  EXPECT_EQ(config.architecture.text, (TransformerShape{768, 12, 12, 3072, MlpActivation::kGelu, 1e-12}));
  EXPECT_EQ(config.architecture.vocab_size, 21128);
  EXPECT_EQ(config.architecture.num_positions, 512);
  EXPECT_FALSE(config.architecture.has_mlp_projection);
  EXPECT_EQ(config.architecture.vision, (TransformerShape{768, 12, 12, 3072}));
  ASSERT_TRUE(config.text);
  EXPECT_EQ(config.text->cleaning, TextCleaning::kNone);
}

/// The file of microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224.
TEST(CheckpointConfig, ReadsBiomedClip) {
  const auto read_biomed = [](const std::string& projection) {
    return read(R"({"model_cfg": {"embed_dim": 512,
        "vision_cfg": {"timm_model_name": "vit_base_patch16_224", "timm_model_pretrained": false, "timm_pool": "",
                       "timm_proj": "linear", "image_size": 224},
        "text_cfg": {"hf_model_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
                     "hf_tokenizer_name": "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract",
                     "hf_proj_type": ")" +
                projection + R"(", "hf_pooler_type": "cls_last_hidden_state_pooler", "context_length": 256}},
        "preprocess_cfg": {"mean": [0.48145466, 0.4578275, 0.40821073],
                           "std": [0.26862954, 0.26130258, 0.27577711]}})");
  };
  const CheckpointConfig config = read_biomed("mlp");
  EXPECT_EQ(config.architecture.image_tower, ImageTower::kVisionTransformer);
  EXPECT_EQ(config.architecture.vision, (TransformerShape{768, 12, 12, 3072, MlpActivation::kGelu, 1e-6}));
  EXPECT_TRUE(config.architecture.has_patch_bias);
  EXPECT_FALSE(config.architecture.has_ln_pre);
  EXPECT_EQ(config.architecture.text_tower, TextTower::kBert);
  EXPECT_EQ(config.architecture.context_length, 256);
  EXPECT_TRUE(config.architecture.has_mlp_projection);
  EXPECT_EQ(config.image.resize_mode, ResizeMode::kShortest);
  ASSERT_TRUE(config.text);
  EXPECT_EQ(config.text->cleaning, TextCleaning::kWhitespace);
  expect_error(ErrorKind::kModel, "text_cfg.hf_proj_type is \"linear\"", [&] { read_biomed("linear"); });
}

}  // namespace
}  // namespace clipcls
