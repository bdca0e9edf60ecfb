// Fields as in open_clip's CLIPVisionCfg and CLIPTextCfg. Each is read, known to change nothing, or refused.
#include <cmath>
#include <set>

#include "checkpoint_config_readers.h"

namespace clipcls {
namespace {

using Names = std::set<std::string>;

// Fields that change nothing about what an encoder computes once it is trained.
const Names kOtherTopFields = {"custom_text", "init_logit_scale", "nonscalar_logit_scale", "output_dict",
                               "cast_dtype"};
const Names kOtherVisionFields = {"patch_dropout",         "attn_pooler_queries", "attn_pooler_heads",
                                  "output_tokens",         "pos_embed_type",      "final_ln_after_pool",
                                  "timm_model_pretrained", "timm_pool",           "timm_proj",
                                  "timm_proj_bias",        "timm_drop",           "timm_drop_path"};
const Names kOtherTextFields = {"output_tokens",       "final_ln_after_pool", "pad_id",
                                "hf_model_pretrained", "hf_proj_type",        "hf_pooler_type"};
// Parts that stand for another computation unless they are absent, null, false, or empty.
const Names kForeignParts = {"attentional_pool", "timm_model_name",   "qk_norm",        "scaled_cosine_attn",
                             "scale_heads",      "scale_attn_inner",  "scale_attn",     "scale_fc",
                             "hf_model_name",    "hf_tokenizer_name", "tokenizer_mode", "tokenizer_kwargs",
                             "embed_cls",        "no_causal_mask",    "multimodal_cfg"};
// What get_clean_fn() of open_clip's tokenizer.py knows.
const std::map<std::string, TextCleaning> kCleanFunctions = {{"whitespace", TextCleaning::kWhitespace},
                                                             {"lower", TextCleaning::kLower},
                                                             {"canonicalize", TextCleaning::kCanonicalize}};

bool is_off(const nlohmann::json& value) {
  return value.is_null() || value == false || (value.is_structured() && value.empty());
}

/// open_clip knows no other fields than these: one that is neither read nor known here means something.
void check_names(const JsonFields& fields, const Names& read, const Names& others) {
  for (const auto& [name, value] : fields.value().items()) {
    // A field that is off is as good as absent, whatever it would mean.
    if (is_off(value) || read.contains(name) || others.contains(name)) continue;
    const bool is_foreign = kForeignParts.contains(name);
    fields.fail(name,
                "is " + show_json(value) + (is_foreign ? kNotImported : ", and no field that clipcls knows"));
  }
}

void require_word(const JsonFields& fields, const std::string& name, const Names& allowed) {
  if (!fields.has(name) || allowed.contains(fields.text(name))) return;
  fields.fail(name, "is \"" + fields.text(name) + "\"" + kNotImported);
}

void read_kwargs(const JsonFields& fields, TransformerShape& transformer) {
  if (fields.has("norm_kwargs")) {
    const JsonFields norm = fields.object("norm_kwargs");
    check_names(norm, {"eps"}, {});
    if (norm.has("eps")) transformer.layer_norm_eps = read_layer_norm_eps(norm, "eps");
  }
  // The only one that is known: an approximated GELU, which is another function.
  if (fields.has("act_kwargs")) {
    const JsonFields act = fields.object("act_kwargs");
    check_names(act, {"approximate"}, {});
    require_word(act, "approximate", {"none", "tanh"});
    const bool is_tanh = act.has("approximate") && act.text("approximate") == "tanh";
    if (is_tanh && transformer.activation == MlpActivation::kGelu)
      transformer.activation = MlpActivation::kGeluTanh;
  }
  require_word(fields, "block_type", {"default"});
}

/// Names as in open_clip's CLIPVisionCfg and CLIPTextCfg, with its defaults.
TransformerShape read_transformer(const JsonFields& fields, std::int64_t default_width, bool is_quick_gelu) {
  TransformerShape transformer;
  transformer.width = fields.integer_or("width", default_width, 1, kMaxWidth);
  // Defaults are those of open_clip's classes: a file names only what differs.
  transformer.num_layers = fields.integer_or("layers", 12, 1, kMaxLayers);
  // As Python does: int(width * mlp_ratio).
  transformer.mlp_width =
      static_cast<std::int64_t>(static_cast<double>(transformer.width) *
                                std::min(std::max(fields.number_or("mlp_ratio", 4.0), 0.0), 64.0));
  transformer.activation = is_quick_gelu ? MlpActivation::kQuickGelu : MlpActivation::kGelu;
  transformer.has_layer_scale = fields.has("ls_init_value");
  read_kwargs(fields, transformer);
  return transformer;
}

/// An image tower of timm's, of which open_clip's fields say little.
void read_timm_vision(const JsonFields& fields, ClipArchitecture& architecture) {
  Names ignored = {"layers", "width", "head_width", "mlp_ratio", "patch_size"};
  ignored.insert(kOtherVisionFields.begin(), kOtherVisionFields.end());
  check_names(fields, {"image_size", "timm_model_name", "timm_pool", "timm_proj"}, ignored);
  architecture.image_size = read_side(fields, "image_size", 224);
  read_timm_tower(fields, architecture);
}

void read_vision(const JsonFields& fields, bool is_quick_gelu, ClipArchitecture& architecture) {
  check_names(fields,
              {"layers", "width", "head_width", "mlp_ratio", "patch_size", "image_size", "ls_init_value",
               "no_ln_pre", "pool_type", "act_kwargs", "norm_kwargs", "block_type"},
              kOtherVisionFields);
  architecture.image_size = read_side(fields, "image_size", 224);
  const std::int64_t head_width = fields.integer_or("head_width", 64, 1, kMaxWidth);
  // open_clip's own rule: a list of layers makes a ResNet.
  if (!fields.has("layers") || !fields.at("layers").is_array()) {
    require_word(fields, "pool_type", {"tok"});
    architecture.vision = read_transformer(fields, 768, is_quick_gelu);
    architecture.vision.num_heads = architecture.vision.width / head_width;
    architecture.patch_size = read_side(fields, "patch_size", 16);
    architecture.has_ln_pre = !fields.boolean_or("no_ln_pre", false);
    return;
  }
  architecture.image_tower = ImageTower::kModifiedResnet;
  read_resnet_stages(fields, architecture);
  architecture.resnet_width = fields.integer_or("width", 768, 2, kMaxWidth / kResnetReduction);
  if (architecture.resnet_width % 2 != 0) fields.fail("width", "is odd, and a ResNet's is even");
  // The width behind the last stage: 4 for a bottleneck's expansion and 2 for each of three stages.
  const std::int64_t pool_width = architecture.resnet_width * kResnetReduction;
  architecture.attnpool_num_heads = pool_width / head_width;
  if (architecture.attnpool_num_heads == 0 || pool_width % architecture.attnpool_num_heads != 0) {
    fields.fail("head_width",
                "is " + std::to_string(head_width) + ", which does not divide " + std::to_string(pool_width));
  }
}

void read_text_projection(const JsonFields& fields, ClipArchitecture& architecture) {
  require_word(fields, "proj_type", {"linear", "none"});
  architecture.has_text_projection = !fields.has("proj_type") || fields.text("proj_type") == "linear";
  architecture.has_text_projection_bias =
      fields.boolean_or("proj_bias", false) && architecture.has_text_projection;
}

/// SigLIP's text tower: a tokenizer of Hugging Face's, and the features of the last position.
TextRules read_last_position_text(const JsonFields& fields, bool is_quick_gelu,
                                  ClipArchitecture& architecture) {
  check_names(fields,
              {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "ls_init_value",
               "pool_type", "proj_bias", "proj_type", "act_kwargs", "norm_kwargs", "block_type",
               "hf_tokenizer_name", "tokenizer_kwargs", "no_causal_mask"},
              kOtherTextFields);
  // A causal tower of this kind would look no further than the padding does.
  if (!fields.boolean_or("no_causal_mask", false))
    fields.fail("no_causal_mask", "is false where pool_type is \"last\"" + std::string(kNotImported));
  architecture.is_text_causal = false;
  architecture.end_token_rule = EndTokenRule::kLastPosition;
  architecture.context_length = fields.integer_or("context_length", 77, 2, kMaxContext);
  architecture.vocab_size = fields.integer_or("vocab_size", 49408, 1, kMaxVocabulary);
  architecture.text = read_transformer(fields, 512, is_quick_gelu);
  architecture.text.num_heads = fields.integer_or("heads", 8, 1, kMaxWidth);
  read_text_projection(fields, architecture);
  return {.cleaning = read_tokenizer_cleaning(fields)};
}

void read_text(const JsonFields& fields, bool is_quick_gelu, ClipArchitecture& architecture) {
  check_names(fields,
              {"context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "ls_init_value",
               "eos_id", "pool_type", "proj_bias", "proj_type", "act_kwargs", "norm_kwargs", "block_type"},
              kOtherTextFields);
  require_word(fields, "pool_type", {"argmax", "eos"});
  architecture.context_length = fields.integer_or("context_length", 77, 2, kMaxContext);
  // The smallest vocabulary: 512 byte symbols, one merge, start and end.
  architecture.vocab_size = fields.integer_or("vocab_size", 49408, 515, kMaxVocabulary);
  architecture.text = read_transformer(fields, 512, is_quick_gelu);
  architecture.text.num_heads = fields.integer_or("heads", 8, 1, kMaxWidth);
  read_text_projection(fields, architecture);
  architecture.eot_token_id = architecture.vocab_size - 1;
  // Otherwise ("argmax") the highest id counts, which is that of the end token, the last of the vocabulary.
  if (fields.has("pool_type") && fields.text("pool_type") == "eos") {
    architecture.end_token_rule = EndTokenRule::kFirstEndToken;
    const std::int64_t eos_id = fields.integer_or("eos_id", 2, 0, kMaxVocabulary);
    if (eos_id != architecture.eot_token_id) {
      fields.fail("eos_id", "is " + std::to_string(eos_id) + ", and the end token of a vocabulary of " +
                                std::to_string(architecture.vocab_size) + " is " +
                                std::to_string(architecture.eot_token_id));
    }
  }
}

PreprocessConfig read_preprocess(const JsonFields& fields) {
  PreprocessConfig image;
  require_word(fields, "mode", {"RGB"});
  if (fields.has("mean")) image.image_mean = fields.three_numbers("mean");
  if (fields.has("std")) image.image_std = fields.three_numbers("std");
  for (const float value : image.image_std) {
    if (value == 0) fields.fail("std", "has a zero, and pixels are divided by it");
  }
  if (fields.has("interpolation")) {
    image.interpolation = fields.choice<Interpolation>(
        "interpolation", {{"bicubic", Interpolation::kBicubic}, {"bilinear", Interpolation::kBilinear}});
  }
  if (fields.has("resize_mode")) {
    image.resize_mode = fields.choice<ResizeMode>("resize_mode", resize_mode_words());
  }
  // The bars of "longest" are black here.
  if (image.resize_mode == ResizeMode::kPad) static_cast<void>(fields.integer_or("fill_color", 0, 0, 0));
  return image;
}

}  // namespace

TextCleaning read_tokenizer_cleaning(const JsonFields& text) {
  constexpr auto kDefault = TextCleaning::kWhitespace;  // HFTokenizer's
  if (!text.has("tokenizer_kwargs")) return kDefault;
  const JsonFields kwargs = text.object("tokenizer_kwargs");
  check_names(kwargs, {"clean"}, {});
  return kwargs.has("clean") ? kwargs.choice<TextCleaning>("clean", kCleanFunctions) : kDefault;
}

CheckpointConfig read_open_clip_config(const JsonFields& root) {
  CheckpointConfig config;
  if (root.has("preprocess_cfg")) config.image = read_preprocess(root.object("preprocess_cfg"));
  const JsonFields model = root.has("model_cfg") ? root.object("model_cfg") : root;
  check_names(model, {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "init_logit_bias"},
              kOtherTopFields);
  const bool is_quick_gelu = model.boolean_or("quick_gelu", false);
  config.architecture.embed_dim = model.integer("embed_dim", 1, kMaxWidth);
  const JsonFields vision = model.object("vision_cfg");
  const JsonFields text = model.object("text_cfg");
  config.has_timm_image_tower = vision.has("timm_model_name");
  if (config.has_timm_image_tower) {
    read_timm_vision(vision, config.architecture);
  } else {
    read_vision(vision, is_quick_gelu, config.architecture);
  }
  if (text.has("hf_model_name")) {
    check_names(
        text,
        {"hf_model_name", "hf_tokenizer_name", "tokenizer_kwargs", "context_length", "hf_proj_type",
         "hf_pooler_type"},
        {"hf_model_pretrained", "vocab_size", "output_tokens", "width", "heads", "layers", "mlp_ratio"});
    config.text = read_bert_text(text, config.architecture);
  } else if (text.has("pool_type") && text.at("pool_type") == "last" && text.has("hf_tokenizer_name")) {
    config.text = read_last_position_text(text, is_quick_gelu, config.architecture);
  } else {
    read_text(text, is_quick_gelu, config.architecture);
  }
  config.has_logit_bias = model.has("init_logit_bias");
  config.image.image_size = static_cast<int>(config.architecture.image_size);
  return config;
}

}  // namespace clipcls
