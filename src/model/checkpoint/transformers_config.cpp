// Fields as in transformers' CLIPConfig and CLIPImageProcessor. What would make other pixels or other
// features than these encoders compute is refused by name, and never guessed.
#include <cmath>
#include <string_view>

#include "checkpoint_config_readers.h"

namespace clipcls {
namespace {

constexpr std::int64_t kLegacyEosTokenId = 2;
constexpr int kBilinear = 2;  // Pillow's numbers
constexpr int kBicubic = 3;

/// transformers lets the older field text_config_dict win over text_config, defaults included.
JsonFields tower_fields(const JsonFields& root, const std::string& name) {
  return root.has(name + "_dict") ? root.object(name + "_dict") : root.object(name);
}

const std::map<std::string, MlpActivation> kHiddenActs = {{"quick_gelu", MlpActivation::kQuickGelu},
                                                          {"gelu", MlpActivation::kGelu},
                                                          {"gelu_pytorch_tanh", MlpActivation::kGeluTanh}};

void read_clip_text(const JsonFields& fields, ClipArchitecture& architecture) {
  // The defaults of CLIPTextConfig.
  architecture.text = read_transformers_tower(fields, {512, 12, 8, 2048});
  architecture.context_length = fields.integer_or("max_position_embeddings", 77, 2, kMaxContext);
  architecture.vocab_size = fields.integer_or("vocab_size", 49408, 515, kMaxVocabulary);
  architecture.eot_token_id = architecture.vocab_size - 1;
  const std::int64_t eos_token_id = fields.integer_or("eos_token_id", 49407, 0, kMaxVocabulary);
  // The number 2 stands in files from before transformers 4.31, and there it means the highest id.
  if (eos_token_id == kLegacyEosTokenId) return;
  architecture.end_token_rule = EndTokenRule::kFirstEndToken;
  if (eos_token_id != architecture.eot_token_id) {
    fields.fail("eos_token_id", "is " + std::to_string(eos_token_id) +
                                    ", and the end token of a vocabulary of " +
                                    std::to_string(architecture.vocab_size) + " is " +
                                    std::to_string(architecture.eot_token_id) + " (or 2, in older files)");
  }
}

/// "shortest_edge", or height and width that are equal.
std::int64_t read_size(const JsonFields& fields, const std::string& name, bool& is_squash) {
  is_squash = false;
  if (!fields.at(name).is_object()) return fields.integer(name, 1, kMaxConfigSide);
  const JsonFields size = fields.object(name);
  if (size.has("shortest_edge") && !size.has("longest_edge"))
    return size.integer("shortest_edge", 1, kMaxConfigSide);
  // Height and width: transformers resizes to both, whatever the picture's shape.
  is_squash = true;
  const std::int64_t height = size.integer("height", 1, kMaxConfigSide);
  if (size.integer("width", 1, kMaxConfigSide) != height)
    fields.fail(name, "is not square" + std::string(kNotImported));
  return height;
}

void require_flag(const JsonFields& fields, const std::string& name) {
  if (!fields.boolean_or(name, true)) fields.fail(name, "is false" + std::string(kNotImported));
}

void check_flags(const JsonFields& fields) {
  // Steps that preprocess() always does; a file that switches one off, or an unknown one on, means other
  // pixels.
  for (const char* name : {"do_resize", "do_rescale", "do_normalize"}) require_flag(fields, name);
  for (const auto& [name, value] : fields.value().items()) {
    const bool is_known = name == "do_resize" || name == "do_rescale" || name == "do_normalize" ||
                          name == "do_center_crop" || name == "do_convert_rgb";
    if (name.starts_with("do_") && !is_known && value == true)
      fields.fail(name, "is true" + std::string(kNotImported));
  }
  constexpr double kRescale = 1.0 / 255;
  // Files have 1/255 with as many digits as their writer printed.
  if (std::abs(fields.number_or("rescale_factor", kRescale) - kRescale) > 1e-9) {
    fields.fail("rescale_factor", "is " + show_json(fields.at("rescale_factor")) + kNotImported);
  }
}

PreprocessConfig clip_processor(int size) {
  PreprocessConfig config;  // OpenAI's
  config.image_size = size;
  config.crop_rounds_down = true;
  return config;
}

PreprocessConfig siglip_processor(int size) {
  PreprocessConfig config;
  config.image_size = size;
  config.image_mean = config.image_std = {0.5F, 0.5F, 0.5F};
  config.resize_mode = ResizeMode::kSquash;
  return config;
}

PreprocessConfig vit_processor(int size) {
  PreprocessConfig config = siglip_processor(size);
  config.interpolation = Interpolation::kBilinear;
  return config;
}

/// The classes that do no more than their fields say, and their defaults.
const std::map<std::string, PreprocessConfig (*)(int)> kImageProcessors = {{"CLIP", clip_processor},
                                                                           {"ChineseCLIP", clip_processor},
                                                                           {"Siglip", siglip_processor},
                                                                           {"ViT", vit_processor}};

/// Other classes have steps of their own, which no field names: a margin that is cut off, an offset.
PreprocessConfig class_defaults(const JsonFields& fields, const PreprocessConfig& otherwise) {
  for (const char* field : {"image_processor_type", "feature_extractor_type"}) {
    if (!fields.has(field)) continue;
    std::string name = fields.text(field);
    for (const std::string_view end : {"Fast", "Pil", "ImageProcessor", "FeatureExtractor"}) {
      if (name.ends_with(end)) name.resize(name.size() - end.size());
    }
    const auto found = kImageProcessors.find(name);
    if (found == kImageProcessors.end())
      fields.fail(field, "is \"" + fields.text(field) + "\"" + kNotImported);
    return found->second(otherwise.image_size);
  }
  return otherwise;
}

}  // namespace

TransformerShape read_transformers_tower(const JsonFields& fields, const TransformerShape& defaults) {
  TransformerShape transformer = defaults;
  transformer.width = fields.integer_or("hidden_size", defaults.width, 1, kMaxWidth);
  transformer.num_layers = fields.integer_or("num_hidden_layers", defaults.num_layers, 1, kMaxLayers);
  transformer.num_heads = fields.integer_or("num_attention_heads", defaults.num_heads, 1, kMaxWidth);
  transformer.mlp_width = fields.integer_or("intermediate_size", defaults.mlp_width, 1, 64 * kMaxWidth);
  if (fields.has("layer_norm_eps"))
    transformer.layer_norm_eps = read_layer_norm_eps(fields, "layer_norm_eps");
  if (fields.has("hidden_act")) {
    const auto found = kHiddenActs.find(fields.text("hidden_act"));
    if (found == kHiddenActs.end())
      fields.fail("hidden_act", "is \"" + fields.text("hidden_act") + "\"" + kNotImported);
    transformer.activation = found->second;
  }
  return transformer;
}

PreprocessConfig default_preprocessor(const ClipArchitecture& architecture) {
  const bool is_siglip = architecture.image_tower == ImageTower::kSiglipVisionTransformer;
  return kImageProcessors.at(is_siglip ? "Siglip" : "CLIP")(static_cast<int>(architecture.image_size));
}

PreprocessConfig read_transformers_preprocessor(const JsonFields& fields, const PreprocessConfig& otherwise) {
  PreprocessConfig image = class_defaults(fields, otherwise);
  const std::int64_t image_size = image.image_size;
  check_flags(fields);
  const bool crops = image.resize_mode == ResizeMode::kShortest;
  bool is_squash = !crops;
  const std::int64_t size = fields.has("size") ? read_size(fields, "size", is_squash) : 224;
  if (size != image_size) {
    fields.fail("size", "makes pictures of " + std::to_string(size) + " pixels, and the model takes " +
                            std::to_string(image_size) + kNotImported);
  }
  // Where the crop is not what the model takes, the pixels would differ in ways that no field here can say.
  if (fields.boolean_or("do_center_crop", crops)) {
    bool ignored = false;
    const std::int64_t crop = fields.has("crop_size") ? read_size(fields, "crop_size", ignored) : 224;
    if (crop != image_size) {
      fields.fail("crop_size", "is " + std::to_string(crop) + ", and the model takes " +
                                   std::to_string(image_size) + kNotImported);
    }
  } else if (!is_squash) {
    fields.fail("do_center_crop", "is false, and pictures would not be square" + std::string(kNotImported));
  }
  image.resize_mode = is_squash ? ResizeMode::kSquash : ResizeMode::kShortest;
  image.crop_rounds_down = !is_squash;
  const std::int64_t resample = fields.integer_or(
      "resample", image.interpolation == Interpolation::kBicubic ? kBicubic : kBilinear, 0, 100);
  if (resample != kBicubic && resample != kBilinear) {
    fields.fail("resample",
                "is " + std::to_string(resample) + ", neither 2 (bilinear) nor 3 (bicubic)" + kNotImported);
  }
  image.interpolation = resample == kBicubic ? Interpolation::kBicubic : Interpolation::kBilinear;
  if (fields.has("image_mean")) image.image_mean = fields.three_numbers("image_mean");
  if (fields.has("image_std")) image.image_std = fields.three_numbers("image_std");
  for (const float value : image.image_std) {
    if (value == 0) fields.fail("image_std", "has a zero, and pixels are divided by it");
  }
  return image;
}

CheckpointConfig read_transformers_config(const JsonFields& root) {
  CheckpointConfig config;
  config.format = CheckpointFormat::kTransformers;
  const std::string model_type = root.has("model_type") ? root.text("model_type") : "clip";
  if (model_type == "siglip") return read_siglip_config(root);
  if (model_type == "chinese_clip") return read_chinese_clip_config(root);
  if (model_type != "clip")
    root.fail("model_type",
              "is \"" + model_type + "\", neither clip, siglip nor chinese_clip" + kNotImported);
  ClipArchitecture& architecture = config.architecture;
  architecture.embed_dim = root.integer_or("projection_dim", 512, 1, kMaxWidth);
  const JsonFields vision = tower_fields(root, "vision_config");
  architecture.vision = read_transformers_tower(vision, {768, 12, 12, 3072});  // CLIPVisionConfig's
  architecture.image_size = read_side(vision, "image_size", 224);
  architecture.patch_size = read_side(vision, "patch_size", 32);
  if (vision.integer_or("num_channels", 3, 1, 1000) != 3)
    vision.fail("num_channels", "is not 3" + std::string(kNotImported));
  read_clip_text(tower_fields(root, "text_config"), architecture);
  return config;
}

}  // namespace clipcls
