// Our names are OpenAI's, which open_clip has, too. For transformers each is translated here.
#include "tensor_names.h"

#include <algorithm>
#include <array>
#include <utility>

namespace clipcls {
namespace {

using Replacement = std::pair<const char*, const char*>;

// Whole names.
constexpr std::array<Replacement, 5> kTransformersNames = {{
    {"visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight"},
    {"visual.class_embedding", "vision_model.embeddings.class_embedding"},
    {"visual.positional_embedding", "vision_model.embeddings.position_embedding.weight"},
    {"token_embedding.weight", "text_model.embeddings.token_embedding.weight"},
    {"positional_embedding", "text_model.embeddings.position_embedding.weight"},
}};

// Beginnings; "pre_layrnorm" is how transformers spells it.
constexpr std::array<Replacement, 5> kTransformersPrefixes = {{
    {"visual.transformer.resblocks.", "vision_model.encoder.layers."},
    {"visual.ln_pre.", "vision_model.pre_layrnorm."},
    {"visual.ln_post.", "vision_model.post_layernorm."},
    {"transformer.resblocks.", "text_model.encoder.layers."},
    {"ln_final.", "text_model.final_layer_norm."},
}};

// Parts of a block.
constexpr std::array<Replacement, 5> kTransformersParts = {{
    {".ln_1.", ".layer_norm1."},
    {".ln_2.", ".layer_norm2."},
    {".attn.", ".self_attn."},
    {".mlp.c_fc.", ".mlp.fc1."},
    {".mlp.c_proj.", ".mlp.fc2."},
}};

TensorOrigin transformers_origin(std::string name) {
  // Linear layers there and plain matrices here, so that they are transposed.
  if (name == "visual.proj") return {{"visual_projection.weight"}, true};
  if (name == "text_projection") return {{"text_projection.weight"}, true};
  for (const auto& [ours, theirs] : kTransformersNames) {
    if (name == ours) return {{theirs}, false};
  }
  for (const auto& [ours, theirs] : kTransformersPrefixes) {
    if (!name.starts_with(ours)) continue;
    name = theirs + name.substr(std::string_view(ours).size());
    break;
  }
  for (const auto& [ours, theirs] : kTransformersParts) {
    const std::size_t position = name.find(ours);
    if (position != std::string::npos) name.replace(position, std::string_view(ours).size(), theirs);
  }
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

TensorOrigin tensor_origin(const std::string& name, CheckpointFormat format, bool has_text_prefix) {
  if (format == CheckpointFormat::kTransformers) return transformers_origin(name);
  return {{(has_text_prefix && is_of_text_tower(name) ? "text." : "") + name}, false};
}

TensorShapes origin_shapes(const TensorShapes& expected, CheckpointFormat format, bool has_text_prefix) {
  TensorShapes shapes;
  for (const auto& [name, whole] : expected) {
    const TensorOrigin origin = tensor_origin(name, format, has_text_prefix);
    TensorShape shape = whole;
    if (origin.is_transposed) std::ranges::reverse(shape);
    // Parts are joined along the first axis.
    if (!shape.empty()) shape[0] /= static_cast<std::int64_t>(origin.names.size());
    for (const std::string& part : origin.names) shapes[part] = shape;
  }
  return shapes;
}

}  // namespace clipcls
