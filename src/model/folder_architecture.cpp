#include "folder_architecture.h"

#include <system_error>

#include "checkpoint/checkpoint_config_readers.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

const std::map<std::string, MlpActivation> kActivations = {{"quick_gelu", MlpActivation::kQuickGelu},
                                                           {"gelu", MlpActivation::kGelu},
                                                           {"gelu_tanh", MlpActivation::kGeluTanh}};
const std::map<std::string, EndTokenRule> kEndTokenRules = {{"highest_id", EndTokenRule::kHighestId},
                                                            {"first_end_token", EndTokenRule::kFirstEndToken},
                                                            {"last_position", EndTokenRule::kLastPosition}};
const std::map<std::string, ImageTower> kImageKinds = {
    {"vision_transformer", ImageTower::kVisionTransformer},
    {"siglip_vision_transformer", ImageTower::kSiglipVisionTransformer},
    {"modified_resnet", ImageTower::kModifiedResnet},
    {"conv_net", ImageTower::kConvNet}};
constexpr std::size_t kMaxGroups = 8;
const std::map<std::string, TextTower> kTextKinds = {{"text_transformer", TextTower::kTextTransformer},
                                                     {"bert", TextTower::kBert}};
const std::map<std::string, bool> kBertProjections = {{"linear", false}, {"mlp", true}};
const std::map<std::string, bool> kTextProjections = {{"linear", true}, {"none", false}};
constexpr std::int64_t kMaxTokenTypes = 16;

template <typename Value>
std::string word_of(const std::map<std::string, Value>& words, Value value) {
  for (const auto& [word, meant] : words) {
    if (meant == value) return word;
  }
  return "";
}

TransformerShape read_transformer_shape(const JsonFields& fields) {
  TransformerShape shape;
  shape.width = fields.integer("width", 1, kMaxWidth);
  shape.num_layers = fields.integer("layers", 1, kMaxLayers);
  shape.num_heads = fields.integer("heads", 1, kMaxWidth);
  shape.mlp_width = fields.integer("mlp_width", 1, 64 * kMaxWidth);
  shape.activation = fields.choice<MlpActivation>("activation", kActivations);
  shape.layer_norm_eps = read_layer_norm_eps(fields, "layer_norm_eps");
  shape.has_layer_scale = fields.boolean_or("layer_scale", false);
  return shape;
}

void read_resnet_fields(const JsonFields& fields, ClipArchitecture& architecture) {
  read_resnet_stages(fields, architecture);
  architecture.resnet_width = fields.integer("width", 2, kMaxWidth / kResnetReduction);
  architecture.attnpool_num_heads = fields.integer("heads", 1, kMaxWidth);
  if (architecture.resnet_width % 2 != 0) fields.fail("width", "is odd, and a ResNet's is even");
  const std::int64_t pool_width = architecture.resnet_width * kResnetReduction;
  if (pool_width % architecture.attnpool_num_heads != 0) {
    fields.fail("heads", "is " + std::to_string(architecture.attnpool_num_heads) +
                             ", which does not divide " + std::to_string(pool_width));
  }
}

void read_conv_net_fields(const JsonFields& fields, ClipArchitecture& architecture) {
  architecture.stem_width = fields.integer("stem_width", 1, kMaxWidth);
  architecture.convolutions = fields.integer("convolutions", 1, kMaxLayers);
  architecture.adds_mirror_image = fields.boolean_or("mirror_image", false);
  const nlohmann::json& widths = fields.at("widths");
  bool is_right = widths.is_array() && !widths.empty() && widths.size() <= kMaxGroups;
  for (std::size_t group = 0; is_right && group < widths.size(); ++group) {
    is_right = widths[group].is_number_unsigned() && widths[group] >= 1 && widths[group] <= kMaxWidth;
    if (is_right) architecture.group_widths.push_back(widths[group].get<std::int64_t>());
  }
  if (!is_right) {
    fields.fail("widths", "is " + show_json(widths) + ", not one to " + std::to_string(kMaxGroups) +
                              " numbers of channels from 1 to " + std::to_string(kMaxWidth));
  }
}

void read_image_fields(const JsonFields& fields, ClipArchitecture& architecture) {
  architecture.image_tower = fields.choice<ImageTower>("kind", kImageKinds);
  switch (architecture.image_tower) {
    case ImageTower::kModifiedResnet:
      return read_resnet_fields(fields, architecture);
    case ImageTower::kConvNet:
      return read_conv_net_fields(fields, architecture);
    case ImageTower::kVisionTransformer:
    case ImageTower::kSiglipVisionTransformer:
      break;
  }
  architecture.vision = read_transformer_shape(fields);
  architecture.patch_size = fields.integer("patch_size", 1, kMaxConfigSide);
  if (architecture.image_tower == ImageTower::kVisionTransformer) {
    architecture.has_ln_pre = fields.boolean_or("ln_pre", true);
    architecture.has_patch_bias = fields.boolean_or("patch_bias", false);
  }
}

void read_bert_fields(const JsonFields& fields, const TextConfig& config, ClipArchitecture& architecture) {
  architecture.is_text_causal = false;
  architecture.vocab_size = fields.integer("vocab_size", config.vocab_size, kMaxVocabulary);
  architecture.num_positions = fields.integer("positions", architecture.context_length, kMaxContext);
  architecture.num_token_types = fields.integer("token_types", 1, kMaxTokenTypes);
  architecture.has_mlp_projection = fields.choice<bool>("projection", kBertProjections);
  if (architecture.text.has_layer_scale) fields.fail("layer_scale", "is true, and a BERT has none");
  if (architecture.text.activation == MlpActivation::kQuickGelu)
    fields.fail("activation", "is quick_gelu, and a BERT's is not");
}

void read_text_fields(const JsonFields& fields, const TextConfig& config, ClipArchitecture& architecture) {
  architecture.text_tower = fields.choice<TextTower>("kind", kTextKinds);
  architecture.text = read_transformer_shape(fields);
  if (architecture.text_tower == TextTower::kBert) return read_bert_fields(fields, config, architecture);
  architecture.is_text_causal = fields.boolean_or("causal", true);
  // There may be more rows than tokens; nobody looks them up.
  architecture.vocab_size = fields.integer("vocab_size", config.vocab_size, kMaxVocabulary);
  architecture.end_token_rule = fields.choice<EndTokenRule>("end_token", kEndTokenRules);
  if (fields.has("projection"))
    architecture.has_text_projection = fields.choice<bool>("projection", kTextProjections);
  architecture.has_text_projection_bias = fields.boolean_or("projection_bias", false);
  if (!architecture.has_text_projection && architecture.has_text_projection_bias)
    fields.fail("projection_bias", "is true, and field projection is \"none\"");
  // A tower whose tokens see only those before them cannot see what the last position stands for.
  if (architecture.end_token_rule == EndTokenRule::kLastPosition && architecture.is_text_causal)
    fields.fail("end_token", "is last_position, and field causal is not false");
}

ordered_json transformer_fields(const std::string& kind, const TransformerShape& shape) {
  return {{"kind", kind},
          {"width", shape.width},
          {"layers", shape.num_layers},
          {"heads", shape.num_heads},
          {"mlp_width", shape.mlp_width},
          {"activation", word_of(kActivations, shape.activation)},
          {"layer_norm_eps", shape.layer_norm_eps},
          {"layer_scale", shape.has_layer_scale}};
}

bool is_described(const JsonFields& architecture, const char* encoder) {
  return architecture.has(encoder) && architecture.at(encoder).is_object();
}

}  // namespace

ModelArchitecture read_architecture(const JsonFields& root, const ModelConfig& config) {
  ModelArchitecture read;
  // In the first version it is two lines for people.
  if (root.integer("format_version", 1, kNewestFormatVersion) == 1 || !root.has("architecture")) return read;
  const JsonFields architecture = root.object("architecture");
  ClipArchitecture& clip = read.clip;
  clip.embed_dim = static_cast<std::int64_t>(config.embed_dim);
  clip.image_size = config.image.image_size;
  clip.context_length = static_cast<std::int64_t>(config.text.context_length);
  clip.eot_token_id = config.text.eot_token_id;
  clip.pad_token_id = config.text.pad_token_id;
  read.builds_image_encoder = is_described(architecture, "image");
  read.builds_text_encoder = is_described(architecture, "text");
  if (read.builds_image_encoder) {
    const JsonFields fields = architecture.object("image");
    read_image_fields(fields, clip);
    check_image_architecture(clip, fields.place() + ": fields image.size and architecture.image");
  }
  if (read.builds_text_encoder) {
    const JsonFields fields = architecture.object("text");
    read_text_fields(fields, config.text, clip);
    check_text_architecture(clip, fields.place() + ": field architecture.text");
  }
  return read;
}

const std::map<std::string, TextCleaning>& text_cleaning_words() {
  static const std::map<std::string, TextCleaning> words = {{"none", TextCleaning::kNone},
                                                            {"whitespace", TextCleaning::kWhitespace},
                                                            {"lower", TextCleaning::kLower},
                                                            {"canonicalize", TextCleaning::kCanonicalize},
                                                            {"siglip", TextCleaning::kSiglip}};
  return words;
}

ordered_json image_encoder_fields(const ClipArchitecture& architecture) {
  const std::string kind = word_of(kImageKinds, architecture.image_tower);
  if (architecture.image_tower == ImageTower::kModifiedResnet) {
    return {{"kind", kind},
            {"width", architecture.resnet_width},
            {"layers", architecture.resnet_layers},
            {"heads", architecture.attnpool_num_heads}};
  }
  if (architecture.image_tower == ImageTower::kConvNet) {
    return {{"kind", kind},
            {"stem_width", architecture.stem_width},
            {"widths", architecture.group_widths},
            {"convolutions", architecture.convolutions},
            {"mirror_image", architecture.adds_mirror_image}};
  }
  ordered_json fields = transformer_fields(kind, architecture.vision);
  fields["patch_size"] = architecture.patch_size;
  if (architecture.image_tower == ImageTower::kVisionTransformer) {
    fields["ln_pre"] = architecture.has_ln_pre;
    if (architecture.has_patch_bias) fields["patch_bias"] = true;
  }
  return fields;
}

ordered_json text_encoder_fields(const ClipArchitecture& architecture) {
  ordered_json fields = transformer_fields(word_of(kTextKinds, architecture.text_tower), architecture.text);
  if (architecture.text_tower == TextTower::kBert) {
    fields["vocab_size"] = architecture.vocab_size;
    fields["positions"] = architecture.num_positions;
    fields["token_types"] = architecture.num_token_types;
    fields["projection"] = word_of(kBertProjections, architecture.has_mlp_projection);
    return fields;
  }
  fields["causal"] = architecture.is_text_causal;
  fields["vocab_size"] = architecture.vocab_size;
  fields["end_token"] = word_of(kEndTokenRules, architecture.end_token_rule);
  // Only where there is none: keys of cached labels depend on what is written here.
  if (!architecture.has_text_projection) fields["projection"] = word_of(kTextProjections, false);
  fields["projection_bias"] = architecture.has_text_projection_bias;
  return fields;
}

EncoderFiles encoder_files(const std::filesystem::path& folder, const ModelArchitecture& architecture) {
  const auto file = [&](const char* name, bool is_built) {
    return folder / (std::string(name) + (is_built ? ".safetensors" : ".pt"));
  };
  return {file("image_encoder", architecture.builds_image_encoder),
          file("text_encoder", architecture.builds_text_encoder)};
}

void require_encoder_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(file, ignored)) return;
  throw Error(ErrorKind::kModel,
              file.string() + ": is missing; config.json makes it a file of the model folder");
}

}  // namespace clipcls
