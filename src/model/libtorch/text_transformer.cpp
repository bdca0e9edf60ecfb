#include "text_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <array>

namespace clipcls {
namespace {

using at::Tensor;

LinearParts take_text_projection(const ClipArchitecture& architecture, StateDict& weights) {
  if (architecture.has_text_projection_bias) return take_linear(weights, "text_projection");
  // CLIP computes x @ text_projection, and a linear layer x @ weight.t().
  return {.weight = weights.take("text_projection").t()};
}

}  // namespace

TextTransformer::TextTransformer(const ClipArchitecture& architecture, StateDict& weights,
                                 const Placement& placement)
    : is_causal_(architecture.is_text_causal),
      end_token_rule_(architecture.end_token_rule),
      eot_token_id_(architecture.eot_token_id),
      pad_token_id_(architecture.pad_token_id),
      type_(placement.type),
      token_embedding_(weights.take("token_embedding.weight").to(placement.device)),
      positional_embedding_(take_copy(weights, "positional_embedding", placement)),
      blocks_(weights, "transformer", architecture.text, placement),
      ln_final_(weights, "ln_final", architecture.text.layer_norm_eps, placement) {
  if (architecture.has_text_projection)
    projection_.emplace(take_text_projection(architecture, weights), placement);
}

/// Bool, of the shape of `token_ids`: where the end tokens are.
Tensor TextTransformer::is_end(const Tensor& token_ids) const {
  if (end_token_rule_ == EndTokenRule::kFirstEndToken) return token_ids == eot_token_id_;
  // In OpenAI's code it is the highest id of a row.
  return token_ids == token_ids.amax(-1, /*keepdim=*/true);
}

/// [batch, length] -> [batch], the place of each row's first end token, or the last of the context.
Tensor TextTransformer::find_end(const Tensor& token_ids) const {
  if (end_token_rule_ == EndTokenRule::kLastPosition)
    return at::full({token_ids.size(0)}, positional_embedding_.size(0) - 1, token_ids.options());
  return is_end(token_ids).to(at::kInt).argmax(-1);  // the first of equals
}

/// [batch, length] -> [batch, context_length], zeros behind each row's last end token, as the tokenizers of
/// the trainings padded. The last, since a text may hold the end token itself, and all tokens see each other.
/// Behind SigLIP's rows, which end in padding already, comes more of it.
Tensor TextTransformer::fill_context(const Tensor& token_ids) const {
  const std::array<std::int64_t, 2> padding = {0, positional_embedding_.size(0) - token_ids.size(1)};
  if (end_token_rule_ == EndTokenRule::kLastPosition)
    return at::constant_pad_nd(token_ids, padding, pad_token_id_);
  const Tensor positions = at::arange(token_ids.size(1), token_ids.options());
  const Tensor last_end = (is_end(token_ids).to(at::kLong) * positions).amax(-1, /*keepdim=*/true);
  return at::constant_pad_nd(token_ids.masked_fill(positions > last_end, 0), padding);
}

/// [..., length] -> [..., length, width]
Tensor TextTransformer::embed(const Tensor& token_ids, std::int64_t first_position) const {
  return at::embedding(token_embedding_, token_ids).to(type_) +
         positional_embedding_.narrow(0, first_position, token_ids.size(-1));
}

/// [..., width] -> [..., embed_dim]
Tensor TextTransformer::project(const Tensor& token) const {
  const Tensor features = ln_final_.forward(token);
  return projection_ ? projection_->forward(features) : features;
}

Tensor TextTransformer::forward(const Tensor& token_ids) {
  Tensor end = find_end(token_ids);
  // Behind the last end token nothing counts for a causal tower.
  const std::int64_t length = is_causal_ ? end.max().item<std::int64_t>() + 1 : positional_embedding_.size(0);
  Tensor x = embed(is_causal_ ? token_ids.narrow(1, 0, length) : fill_context(token_ids), 0);
  for (const TransformerBlock& block : blocks_.all_but_last) x = block.forward(x, is_causal_);
  end = end.unsqueeze(-1);
  std::optional<Tensor> mask;
  if (is_causal_) mask = (at::arange(length, end.options()) <= end).view({-1, 1, 1, length});
  const Tensor token = x.gather(1, end.unsqueeze(-1).expand({-1, -1, x.size(2)}));
  return project(blocks_.last.forward(x, token, mask));
}

Tensor TextTransformer::forward_shared_prefix(const Tensor& prefix, const Tensor& texts) {
  const SharedPrefix shared = {prefix.size(0), texts.size(0), texts.size(1)};
  const std::int64_t length = shared.length + shared.text_length;
  Tensor x = at::cat({embed(prefix, 0), embed(texts, shared.length).flatten(0, 1)});
  Tensor mask = at::ones({shared.text_length, length}, texts.options().dtype(at::kBool)).tril(shared.length);
  for (const TransformerBlock& block : blocks_.all_but_last) x = block.forward_shared_prefix(x, shared, mask);
  const Tensor end = find_end(texts);
  const Tensor rows =
      at::arange(shared.num_texts, texts.options()) * shared.text_length + shared.length + end;
  mask = at::arange(length, texts.options()) <= (end + shared.length).unsqueeze(-1);
  const Tensor token = blocks_.last.forward_shared_prefix(x, x.index_select(0, rows), shared,
                                                          mask.view({shared.num_texts, 1, 1, length}));
  return project(token);
}

NetworkOptimization TextTransformer::optimize(int weight_bits, bool copies_weights) {
  blocks_.pack(weight_bits);
  if (projection_) projection_->pack(weight_bits);
  if (copies_weights) token_embedding_ = token_embedding_.to(type_, /*non_blocking=*/false, /*copy=*/true);
  return blocks_.count_packed(/*num_others=*/projection_ ? 1 : 0);
}

}  // namespace clipcls
