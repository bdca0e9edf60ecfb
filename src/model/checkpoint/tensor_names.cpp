// Our names are OpenAI's, which open_clip has, too. For transformers each is translated here.
#include "tensor_names.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>

namespace clipcls {
namespace {

using Replacement = std::pair<const char*, const char*>;

// Whole names.
constexpr std::array<Replacement, 10> kTransformersNames = {{
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight"},
    // SigLIP's:
    {"visual.conv1.bias", "vision_model.embeddings.patch_embedding.bias"},
    {"visual.attnpool.probe", "vision_model.head.probe"},
    {"visual.attnpool.attn.in_proj_weight", "vision_model.head.attention.in_proj_weight"},
    {"visual.attnpool.attn.in_proj_bias", "vision_model.head.attention.in_proj_bias"},
    {"text_projection.weight", "text_model.head.weight"},
}};

// Beginnings; "pre_layrnorm" is how transformers spells it.
constexpr std::array<Replacement, 9> kTransformersPrefixes = {{
    {"visual.transformer.resblocks.", "vision_model.encoder.layers."},
    {"visual.ln_pre.", "vision_model.pre_layrnorm."},
    {"visual.ln_post.", "vision_model.post_layernorm."},
    {"transformer.resblocks.", "text_model.encoder.layers."},
    {"ln_final.", "text_model.final_layer_norm."},
    {"visual.attnpool.attn.", "vision_model.head.attention."},
    {"visual.attnpool.ln_2.", "vision_model.head.layernorm."},
    {"visual.attnpool.", "vision_model.head."},
    {"text_projection.", "text_model.head."},
}};

// Parts of a block.
constexpr std::array<Replacement, 5> kTransformersParts = {{
    {".ln_1.", ".layer_norm1."},
    {".ln_2.", ".layer_norm2."},
    {".attn.", ".self_attn."},
    {".mlp.c_fc.", ".mlp.fc1."},
    {".mlp.c_proj.", ".mlp.fc2."},
}};

// timm's vision transformer, behind "visual.trunk.".
constexpr std::array<Replacement, 3> kTimmNames = {{
    {"visual.class_embedding", "cls_token"},
    {"visual.positional_embedding", "pos_embed"},
    {"visual.attnpool.probe", "attn_pool.latent"},
}};
constexpr std::array<Replacement, 5> kTimmPrefixes = {{
    {"visual.conv1.", "patch_embed.proj."},
    {"visual.transformer.resblocks.", "blocks."},
    {"visual.ln_post.", "norm."},
    {"visual.attnpool.ln_2.", "attn_pool.norm."},
    {"visual.attnpool.", "attn_pool."},
}};
constexpr std::array<Replacement, 7> kTimmParts = {{
    {".ln_1.", ".norm1."},
    {".ln_2.", ".norm2."},
    {".attn.in_proj_", ".attn.qkv."},
    {"attn_pool.attn.out_proj.", "attn_pool.proj."},
    {".attn.out_proj.", ".attn.proj."},
    {".mlp.c_fc.", ".mlp.fc1."},
    {".mlp.c_proj.", ".mlp.fc2."},
}};

bool replace_whole(std::string& name, std::span<const Replacement> names) {
  for (const auto& [ours, theirs] : names) {
    if (name != ours) continue;
    name = theirs;
    return true;
  }
  return false;
}

void replace_beginning(std::string& name, std::span<const Replacement> prefixes) {
  for (const auto& [ours, theirs] : prefixes) {
    if (!name.starts_with(ours)) continue;
    name = theirs + name.substr(std::string_view(ours).size());
    return;
  }
}

void replace_parts(std::string& name, std::span<const Replacement> parts) {
  for (const auto& [ours, theirs] : parts) {
    const std::size_t position = name.find(ours);
    if (position != std::string::npos) name.replace(position, std::string_view(ours).size(), theirs);
  }
}

TensorOrigin timm_origin(std::string name) {
  const std::string trunk = "visual.trunk.";
  TensorOrigin origin;
  if (name == "visual.positional_embedding") origin.leading_ones = 1;
  if (name == "visual.attnpool.probe" || name == "visual.class_embedding") origin.leading_ones = 2;
  if (name == "visual.proj") return {{"visual.head.proj.weight"}, true};
  // Of the pool it keeps queries apart from keys and values.
  const std::string in_proj = "visual.attnpool.attn.in_proj_";
  if (name.starts_with(in_proj)) {
    const std::string part = name.substr(in_proj.size());
    origin.names = {trunk + "attn_pool.q." + part, trunk + "attn_pool.kv." + part};
    origin.shares = {1, 2};
    return origin;
  }
  if (!replace_whole(name, kTimmNames)) {
    replace_beginning(name, kTimmPrefixes);
    replace_parts(name, kTimmParts);
  }
  origin.names = {trunk + name};
  return origin;
}

TensorOrigin transformers_origin(std::string name) {
  // Linear layers there and plain matrices here, so that they are transposed.
  if (name == "visual.proj") return {{"visual_projection.weight"}, true};
  if (name == "text_projection") return {{"text_projection.weight"}, true};
  const std::size_t leading_ones = name == "visual.attnpool.probe" ? 2 : 0;
  // A BERT keeps its own names.
  const std::string bert = "transformer.";
  if (name.starts_with("transformer.embeddings.") || name.starts_with("transformer.encoder."))
    return {{"text_model." + name.substr(bert.size())}};
  if (replace_whole(name, kTransformersNames)) return {{name}, false, {}, leading_ones};
  replace_beginning(name, kTransformersPrefixes);
  replace_parts(name, kTransformersParts);
  // transformers keeps queries, keys and values apart; here they are one matrix, in this order.
  const std::size_t joined = name.find("in_proj_");
  if (joined == std::string::npos) return {{name}, false};
  const std::string block = name.substr(0, joined);
  const std::string part = name.substr(joined + std::string_view("in_proj_").size());
  return {{block + "q_proj." + part, block + "k_proj." + part, block + "v_proj." + part}, false};
}

bool is_of_text_tower(const std::string& name) {
  return !name.starts_with("visual.") && name != "logit_scale" && name != "logit_bias";
}

}  // namespace

TensorOrigin tensor_origin(const std::string& name, const TensorNaming& naming) {
  if (naming.format == CheckpointFormat::kTransformers) return transformers_origin(name);
  if (naming.has_timm_image_tower && name.starts_with("visual.")) return timm_origin(name);
  return {{(naming.has_text_prefix && is_of_text_tower(name) ? "text." : "") + name}, false};
}

TensorShapes origin_shapes(const TensorShapes& expected, const TensorNaming& naming) {
  TensorShapes shapes;
  for (const auto& [name, whole] : expected) {
    const TensorOrigin origin = tensor_origin(name, naming);
    TensorShape shape = whole;
    if (origin.is_transposed) std::ranges::reverse(shape);
    // Parts are joined along the first axis.
    std::vector<std::int64_t> shares = origin.shares;
    if (shares.empty()) shares.assign(origin.names.size(), 1);
    const std::int64_t num_shares = std::accumulate(shares.begin(), shares.end(), std::int64_t{0});
    for (std::size_t part = 0; part < origin.names.size(); ++part) {
      TensorShape& stored = shapes[origin.names[part]] = shape;
      if (!stored.empty()) stored[0] = shape[0] / num_shares * shares[part];
      stored.insert(stored.begin(), origin.leading_ones, 1);
    }
  }
  return shapes;
}

}  // namespace clipcls
