#include "bert_text_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

namespace clipcls {
namespace {

using at::Tensor;

LinearParts take_intermediate(StateDict& weights, const std::string& name, const TransformerShape& shape) {
  LinearParts parts = take_linear(weights, name);
  parts.activation = gelu_of(shape);
  return parts;
}

/// The positions that a context has, each with the embedding of token type 0, which all tokens are of.
Tensor take_positions(StateDict& weights, const ClipArchitecture& architecture, const Placement& placement) {
  const std::string name = "transformer.embeddings.";
  const Tensor positions =
      weights.take(name + "position_embeddings.weight").narrow(0, 0, architecture.context_length);
  const Tensor type = weights.take(name + "token_type_embeddings.weight").narrow(0, 0, 1);
  return (positions.to(at::kFloat) + type.to(at::kFloat)).to(placement.device, placement.type);
}

std::vector<TowerLinear> take_projection(StateDict& weights, const ClipArchitecture& architecture,
                                         const Placement& placement) {
  std::vector<TowerLinear> layers;
  if (architecture.has_mlp_projection) {
    layers.emplace_back(LinearParts{.weight = weights.take("proj.0.weight"), .activation = {"gelu", "none"}},
                        placement);
    layers.emplace_back(LinearParts{.weight = weights.take("proj.2.weight")}, placement);
  } else {
    // As CLIP's, x @ text_projection.
    layers.emplace_back(LinearParts{.weight = weights.take("text_projection").t()}, placement);
  }
  return layers;
}

}  // namespace

BertLayer::BertLayer(StateDict& weights, const std::string& name, const TransformerShape& shape,
                     const Placement& placement)
    : num_heads_(shape.num_heads),
      query_(take_linear(weights, name + "attention.self.query"), placement),
      key_(take_linear(weights, name + "attention.self.key"), placement),
      value_(take_linear(weights, name + "attention.self.value"), placement),
      attention_output_(take_linear(weights, name + "attention.output.dense"), placement),
      attention_norm_(weights, name + "attention.output.LayerNorm", shape.layer_norm_eps, placement),
      intermediate_(take_intermediate(weights, name + "intermediate.dense", shape), placement),
      output_(take_linear(weights, name + "output.dense"), placement),
      output_norm_(weights, name + "output.LayerNorm", shape.layer_norm_eps, placement) {}

Tensor BertLayer::forward(const Tensor& x, const Tensor& queries, const std::optional<Tensor>& mask) const {
  const auto heads = [&](const TowerLinear& layer, const Tensor& rows) {
    return split_heads(layer.forward(rows), 1, num_heads_)[0];
  };
  const Tensor attended =
      attend_(heads(query_, queries), heads(key_, x), heads(value_, x), mask, /*is_causal=*/false);
  const Tensor y = attention_norm_.forward(attention_output_.forward_add(join_heads(attended), queries));
  return output_norm_.forward(output_.forward_add(intermediate_.forward(y), y));
}

void BertLayer::pack(int weight_bits) {
  attend_ = &attention;
  for (TowerLinear* layer : {&query_, &key_, &value_, &attention_output_, &intermediate_, &output_})
    layer->pack(weight_bits);
}

BertTextEncoder::BertTextEncoder(const ClipArchitecture& architecture, StateDict& weights,
                                 const Placement& placement)
    : pad_token_id_(architecture.pad_token_id),
      type_(placement.type),
      word_embeddings_(weights.take("transformer.embeddings.word_embeddings.weight").to(placement.device)),
      position_embeddings_(take_positions(weights, architecture, placement)),
      embedding_norm_(weights, "transformer.embeddings.LayerNorm", architecture.text.layer_norm_eps,
                      placement),
      projection_(take_projection(weights, architecture, placement)) {
  for (std::int64_t layer = 0; layer < architecture.text.num_layers; ++layer) {
    layers_.emplace_back(weights, "transformer.encoder.layer." + std::to_string(layer) + ".",
                         architecture.text, placement);
  }
}

Tensor BertTextEncoder::forward(const Tensor& token_ids) {
  const std::int64_t length = token_ids.size(1);
  const Tensor is_token = token_ids != pad_token_id_;
  std::optional<Tensor> mask;
  if (!is_token.all().item<bool>()) mask = is_token.view({-1, 1, 1, length});
  Tensor x = embedding_norm_.forward(at::embedding(word_embeddings_, token_ids).to(type_) +
                                     position_embeddings_.narrow(0, 0, length));
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    // Behind the last one, the first token is all that is needed.
    const bool is_last = layer + 1 == layers_.size();
    x = layers_[layer].forward(x, is_last ? x.narrow(1, 0, 1) : x, mask);
  }
  x = x.squeeze(1);
  for (const TowerLinear& layer : projection_) x = layer.forward(x);
  return x;
}

NetworkOptimization BertTextEncoder::optimize(int weight_bits, bool copies_weights) {
  for (BertLayer& layer : layers_) layer.pack(weight_bits);
  for (TowerLinear& layer : projection_) layer.pack(weight_bits);
  if (copies_weights) word_embeddings_ = word_embeddings_.to(type_, /*non_blocking=*/false, /*copy=*/true);
  const int num_attentions = static_cast<int>(layers_.size());
  const int num_layers = 6 * num_attentions + static_cast<int>(projection_.size());
  return {{num_layers, num_layers}, {num_attentions, num_attentions}};
}

}  // namespace clipcls
