#include "model/folder_architecture.h"

#include <gtest/gtest.h>

#include "json/parse_json.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

constexpr const char* kImage =
    R"({"kind": "vision_transformer", "width": 64, "layers": 2, "heads": 4, "mlp_width": 256, "activation": "gelu",
        "layer_norm_eps": 1e-6, "layer_scale": true, "patch_size": 8, "ln_pre": false})";
constexpr const char* kResnet =
    R"({"kind": "modified_resnet", "width": 16, "layers": [1, 2, 3, 1], "heads": 8})";
constexpr const char* kConvNet =
    R"({"kind": "conv_net", "stem_width": 8, "widths": [16, 24], "convolutions": 3, "mirror_image": true})";
constexpr const char* kText =
    R"({"kind": "text_transformer", "width": 32, "layers": 3, "heads": 2, "mlp_width": 64, "activation": "quick_gelu",
        "layer_norm_eps": 1e-5, "causal": false, "vocab_size": 700, "end_token": "first_end_token",
        "projection_bias": true})";

ModelConfig config_of_sizes() {
  ModelConfig config;
  config.embed_dim = 24;
  config.image.image_size = 32;
  config.text = {.context_length = 16,
                 .vocab_size = 600,
                 .sot_token_id = 598,
                 .eot_token_id = 599,
                 .pad_token_id = 0,
                 .cleaning = {}};
  return config;
}

ModelArchitecture read_encoders(const std::string& image, const std::string& text, int version = 2) {
  const nlohmann::json root =
      parse_json(R"({"format_version": )" + std::to_string(version) + R"(, "architecture": {"image": )" +
                     image + R"(, "text": )" + text + "}}",
                 "config.json", ErrorKind::kModel);
  return read_architecture(JsonFields(root, "config.json", ErrorKind::kModel), config_of_sizes());
}

/// `json` with `from` replaced.
std::string with(std::string json, const std::string& from, const std::string& to) {
  const std::size_t position = json.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return json.replace(position, from.size(), to);
}

TEST(FolderArchitecture, ReadsTransformers) {
  const ModelArchitecture read_architecture = read_encoders(kImage, kText);
  EXPECT_TRUE(read_architecture.builds_image_encoder && read_architecture.builds_text_encoder);
  ClipArchitecture expected;
  expected.embed_dim = 24;
  expected.image_size = 32;
  expected.vision = {64, 2, 4, 256, MlpActivation::kGelu, 1e-6, true};
  expected.patch_size = 8;
  expected.has_ln_pre = false;
  expected.text = {32, 3, 2, 64, MlpActivation::kQuickGelu, 1e-5, false};
  expected.is_text_causal = false;
  expected.context_length = 16;
  expected.vocab_size = 700;
  expected.end_token_rule = EndTokenRule::kFirstEndToken;
  expected.eot_token_id = 599;
  expected.has_text_projection_bias = true;
  EXPECT_EQ(read_architecture.clip, expected);
}

TEST(FolderArchitecture, ReadsSiglip) {
  const std::string image =
      R"({"kind": "siglip_vision_transformer", "width": 24, "layers": 2, "heads": 4, "mlp_width": 96,
          "activation": "gelu_tanh", "layer_norm_eps": 1e-6, "patch_size": 5})";
  const std::string text = with(kText, "first_end_token", "last_position");
  const ClipArchitecture clip = read_encoders(image, text, 3).clip;
  EXPECT_EQ(clip.image_tower, ImageTower::kSiglipVisionTransformer);
  EXPECT_EQ(clip.vision, (TransformerShape{24, 2, 4, 96, MlpActivation::kGeluTanh, 1e-6}));
  EXPECT_EQ(expected_image_shapes(clip).at("visual.positional_embedding"), (TensorShape{36, 24}));
  EXPECT_EQ(clip.end_token_rule, EndTokenRule::kLastPosition);
  EXPECT_EQ(read_encoders(image_encoder_fields(clip).dump(), text_encoder_fields(clip).dump(), 3).clip, clip);
  const std::string unprojected = with(with(text, "\"projection_bias\": true", "\"projection\": \"none\""),
                                       "\"width\": 32", "\"width\": 24");
  const ClipArchitecture plain = read_encoders(image, unprojected, 3).clip;
  EXPECT_FALSE(plain.has_text_projection);
  EXPECT_EQ(read_encoders(image, text_encoder_fields(plain).dump(), 3).clip, plain);
  expect_error(ErrorKind::kModel, "the text tower is 32 wide and has no projection",
               [&] { read_encoders(image, with(unprojected, "\"width\": 24", "\"width\": 32"), 3); });
  expect_error(ErrorKind::kModel, "features would be 24",
               [&] { read_encoders(with(image, "\"width\": 24", "\"width\": 32"), text, 3); });
  expect_error(ErrorKind::kModel, "architecture.text.end_token is last_position",
               [&] { read_encoders(image, with(text, "\"causal\": false", "\"causal\": true"), 3); });
}

TEST(FolderArchitecture, ReadsConvNets) {
  const ClipArchitecture clip = read_encoders(kConvNet, kText).clip;
  EXPECT_EQ(clip.image_tower, ImageTower::kConvNet);
  EXPECT_EQ(clip.stem_width, 8);
  EXPECT_EQ(clip.group_widths, (std::vector<std::int64_t>{16, 24}));
  EXPECT_EQ(clip.convolutions, 3);
  EXPECT_TRUE(clip.adds_mirror_image);
  EXPECT_EQ(image_reduction(clip), 4);
  const TensorShapes shapes = expected_image_shapes(clip);
  EXPECT_EQ(shapes.size(), 2U + 2 * 2 * 3 + 1);
  EXPECT_EQ(shapes.at("visual.stem.weight"), (TensorShape{8, 3, 5, 5}));
  EXPECT_EQ(shapes.at("visual.groups.1.0.weight"), (TensorShape{24, 16, 3, 3}));
  EXPECT_EQ(shapes.at("visual.groups.1.2.bias"), (TensorShape{24}));
  EXPECT_EQ(shapes.at("visual.proj"), (TensorShape{24, 24}));
  EXPECT_EQ(describe_image_encoder(clip),
            "ConvNet, 2 groups of 3 convolutions, width 8-16-24, also of the mirror image");
}

TEST(FolderArchitecture, ReadsWhatItWrites) {
  for (const char* image : {kImage, kResnet, kConvNet}) {
    const ClipArchitecture clip = read_encoders(image, kText).clip;
    EXPECT_EQ(read_encoders(image_encoder_fields(clip).dump(), text_encoder_fields(clip).dump()).clip, clip);
  }
}

TEST(FolderArchitecture, KnowsWhichEncodersAreTorchScript) {
  const ModelArchitecture mixed = read_encoders(R"("timm convnext_base")", kText);
  EXPECT_FALSE(mixed.builds_image_encoder);
  EXPECT_TRUE(mixed.builds_text_encoder);
  const EncoderFiles files = encoder_files("model", mixed);
  EXPECT_EQ(files.image, "model/image_encoder.pt");
  EXPECT_EQ(files.text, "model/text_encoder.safetensors");
  const ModelArchitecture unknown = read_encoders("null", "null");
  EXPECT_FALSE(unknown.builds_image_encoder || unknown.builds_text_encoder);
  // In the first format both were, whatever stands there.
  const ModelArchitecture old = read_encoders(R"("a vision transformer")", R"("a text transformer")", 1);
  EXPECT_FALSE(old.builds_image_encoder || old.builds_text_encoder);
}

struct Mistake {
  const char* message;
  std::string image;
  std::string text;
};

TEST(FolderArchitecture, NamesEachMistake) {
  const std::string image = kImage;
  const std::string resnet = kResnet;
  const std::string conv_net = kConvNet;
  const std::string text = kText;
  for (const auto& [message, bad_image, bad_text] : {
           Mistake{"architecture.image.kind is \"swin\", expected conv_net or modified_resnet or "
                   "siglip_vision_transformer or vision_transformer",
                   with(image, "vision_transformer", "swin"), text},
           Mistake{"architecture.image.width is missing", with(image, "\"width\"", "\"w\""), text},
           Mistake{"architecture.image.layers is 100000", with(image, "\"layers\": 2", "\"layers\": 100000"),
                   text},
           Mistake{"64 wide and has 5 heads", with(image, "\"heads\": 4", "\"heads\": 5"), text},
           Mistake{"architecture.image.mlp_width is 0", with(image, "256", "0"), text},
           Mistake{"field architecture.image.layer_norm_eps is 2", with(image, "1e-6", "2"), text},
           Mistake{"32 pixels are no multiple of 7", with(image, "\"patch_size\": 8", "\"patch_size\": 7"),
                   text},
           Mistake{"architecture.image.ln_pre is 1", with(image, "false", "1"), text},
           Mistake{"architecture.image.layers is [1,2,3], not four", with(resnet, "[1, 2, 3, 1]", "[1,2,3]"),
                   text},
           Mistake{"architecture.image.width is odd", with(resnet, "16", "17"), text},
           Mistake{"architecture.image.heads is 7, which does not divide 512", with(resnet, "8", "7"), text},
           Mistake{"architecture.image.widths is [], not one to 8 numbers of channels from 1 to",
                   with(conv_net, "[16, 24]", "[]"), text},
           Mistake{"architecture.image.widths is [16,\"a\"], not one", with(conv_net, "24", "\"a\""), text},
           Mistake{"architecture.image.convolutions is 0", with(conv_net, "3", "0"), text},
           Mistake{"32 pixels are no multiple of 64", with(conv_net, "16, 24", "4, 4, 4, 4, 4, 4"), text},
           Mistake{"architecture.text.vocab_size is 599", image, with(text, "700", "599")},
           Mistake{"architecture.text.end_token is \"last\"", image, with(text, "first_end_token", "last")},
           Mistake{"architecture.text.projection is \"mlp\", expected linear or none", image,
                   with(text, "\"projection_bias\"", "\"projection\": \"mlp\", \"projection_bias\"")},
           Mistake{"architecture.text.projection_bias is true, and field projection is \"none\"", image,
                   with(text, "\"projection_bias\"", "\"projection\": \"none\", \"projection_bias\"")},
           Mistake{"architecture.text.activation is \"relu\"", image, with(text, "quick_gelu", "relu")},
       }) {
    expect_error(ErrorKind::kModel, message, [&] { read_encoders(bad_image, bad_text); });
  }
}

}  // namespace
}  // namespace clipcls
