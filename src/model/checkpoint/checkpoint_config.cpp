#include "checkpoint_config.h"

#include <system_error>

#include "checkpoint_config_readers.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr const char* kWhatAConfigIs =
    "the configuration is open_clip's open_clip_config.json or ViT-B-32-quickgelu.json, or transformers' "
    "config.json";

constexpr std::int64_t kMaxConvNetSide = 512;

/// Where transformers keeps it: a part of processor_config.json since version 5, which counts where both are
/// there; else a file of its own.
PreprocessConfig find_preprocessor(const std::filesystem::path& folder, const PreprocessConfig& otherwise) {
  const std::filesystem::path shared = folder / "processor_config.json";
  const std::filesystem::path own = folder / "preprocessor_config.json";
  std::error_code ignored;
  if (std::filesystem::exists(shared, ignored)) {
    const nlohmann::json root = parse_json_file(shared, ErrorKind::kModel, "check its permissions");
    const JsonFields fields(root, shared.string(), ErrorKind::kModel);
    if (fields.has("image_processor"))
      return read_transformers_preprocessor(fields.object("image_processor"), otherwise);
  }
  if (std::filesystem::exists(own, ignored)) {
    const nlohmann::json root = parse_json_file(own, ErrorKind::kModel, "check its permissions");
    return read_transformers_preprocessor(JsonFields(root, own.string(), ErrorKind::kModel), otherwise);
  }
  // A checkpoint without any: what transformers itself would assume.
  return otherwise;
}

void check_transformer(const TransformerShape& transformer, const char* tower, const std::string& place) {
  if (transformer.num_heads < 1 || transformer.width % transformer.num_heads != 0) {
    throw Error(ErrorKind::kModel, place + ": the " + tower + " is " + std::to_string(transformer.width) +
                                       " wide and has " + std::to_string(transformer.num_heads) +
                                       " heads, which do not divide it");
  }
  // Shapes are computed from these numbers before the weights are seen, so they must not overflow.
  if (transformer.mlp_width < 1 || transformer.mlp_width > 64 * kMaxWidth) {
    throw Error(ErrorKind::kModel, place + ": the MLPs of the " + tower + " would be " +
                                       std::to_string(transformer.mlp_width) + " wide");
  }
}

}  // namespace

double read_layer_norm_eps(const JsonFields& fields, const std::string& name) {
  const double epsilon = fields.number(name);
  if (!(epsilon > 0 && epsilon < 1))
    fields.fail(name, "is " + show_json(fields.at(name)) + ", expected an epsilon between 0 and 1");
  return epsilon;
}

std::int64_t read_side(const JsonFields& fields, const std::string& name, std::int64_t otherwise) {
  if (!fields.has(name)) return otherwise;
  const nlohmann::json& value = fields.at(name);
  if (!value.is_array()) return fields.integer(name, 1, kMaxConfigSide);
  // Both libraries allow [height, width]; the encoders here are built for squares.
  const bool is_square = value.size() == 2 && value[0] == value[1] && value[0].is_number_unsigned() &&
                         value[0] >= 1 && value[0] <= kMaxConfigSide;
  if (!is_square) fields.fail(name, "is " + show_json(value) + ", not square" + kNotImported);
  return value[0].get<std::int64_t>();
}

void read_resnet_stages(const JsonFields& fields, ClipArchitecture& architecture) {
  const nlohmann::json& layers = fields.at("layers");
  bool is_right = layers.is_array() && layers.size() == architecture.resnet_layers.size();
  for (std::size_t stage = 0; is_right && stage < layers.size(); ++stage) {
    is_right = layers[stage].is_number_unsigned() && layers[stage] >= 1 && layers[stage] <= kMaxLayers;
    if (is_right) architecture.resnet_layers[stage] = layers[stage].get<std::int64_t>();
  }
  if (!is_right) fields.fail("layers", "is " + show_json(layers) + ", not four numbers of bottlenecks");
}

void check_text_architecture(const ClipArchitecture& architecture, const std::string& place) {
  check_transformer(architecture.text, "text tower", place);
  if (!architecture.has_text_projection && architecture.text.width != architecture.embed_dim) {
    throw Error(ErrorKind::kModel, place + ": the text tower is " + std::to_string(architecture.text.width) +
                                       " wide and has no projection, and its features would be " +
                                       std::to_string(architecture.embed_dim));
  }
}

void check_image_architecture(const ClipArchitecture& architecture, const std::string& place) {
  const bool is_siglip = architecture.image_tower == ImageTower::kSiglipVisionTransformer;
  if (is_siglip || architecture.image_tower == ImageTower::kVisionTransformer) {
    check_transformer(architecture.vision, "image tower", place);
  }
  if (is_siglip && architecture.vision.width != architecture.embed_dim) {
    throw Error(ErrorKind::kModel, place + ": the image tower is " +
                                       std::to_string(architecture.vision.width) +
                                       " wide, and its features would be " +
                                       std::to_string(architecture.embed_dim) + "; both are one in SigLIP");
  }
  // No tensor says how large its pictures are.
  if (architecture.image_tower == ImageTower::kConvNet && architecture.image_size > kMaxConvNetSide) {
    throw Error(ErrorKind::kModel, place + ": pictures of " + std::to_string(architecture.image_size) +
                                       " pixels are too large for a conv_net, whose limit is " +
                                       std::to_string(kMaxConvNetSide));
  }
  const std::int64_t reduction = image_reduction(architecture);
  // SigLIP's convolution leaves out the pixels behind the last whole patch: 27 of 14 pixels in 384.
  if (is_siglip ? architecture.image_size < reduction : architecture.image_size % reduction != 0) {
    throw Error(ErrorKind::kModel, place + ": pictures of " + std::to_string(architecture.image_size) +
                                       " pixels are " + (is_siglip ? "smaller than " : "no multiple of ") +
                                       std::to_string(reduction));
  }
}

CheckpointConfig read_checkpoint_config(const std::filesystem::path& path) {
  const nlohmann::json root = parse_json_file(path, ErrorKind::kModel, kWhatAConfigIs);
  const JsonFields fields(root, path.string(), ErrorKind::kModel);
  CheckpointConfig config;
  // The two formats by the fields that only they have: both files are often called config.json.
  if (fields.has("model_cfg") || (fields.has("vision_cfg") && fields.has("text_cfg"))) {
    config = read_open_clip_config(fields);
  } else if (fields.has("model_type") || fields.has("vision_config")) {
    config = read_transformers_config(fields);
    config.image = find_preprocessor(path.parent_path(), default_preprocessor(config.architecture));
  } else {
    throw Error(ErrorKind::kModel,
                path.string() + ": has neither model_cfg, vision_cfg nor model_type; " + kWhatAConfigIs);
  }
  check_text_architecture(config.architecture, path.string());
  check_image_architecture(config.architecture, path.string());
  return config;
}

}  // namespace clipcls
