#include "siglip_vision_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>

namespace clipcls {
namespace {

using at::Tensor;

// The pool's norm and MLP are those of a block; it has no layer scale.
TransformerShape shape_of_pool(TransformerShape shape) {
  shape.has_layer_scale = false;
  return shape;
}

/// [1, heads, 1, head_width], computed in float32 once.
Tensor make_query(const LinearParts& in_proj, const Tensor& probe, std::int64_t num_heads,
                  const Placement& placement) {
  const LinearParts q_proj = rows_of(in_proj, 0, 1);
  const auto plain = [](const Tensor& x) { return x.to(at::kCPU, at::kFloat); };
  const Tensor query = at::linear(plain(probe), plain(q_proj.weight), plain(*q_proj.bias));
  return query.view({1, num_heads, 1, -1}).to(placement.device, placement.type);
}

}  // namespace

AttentionPool::AttentionPool(StateDict& weights, const std::string& name, const TransformerShape& shape,
                             const Placement& placement)
    : AttentionPool(take_in_proj(weights, name), weights, name, shape_of_pool(shape), placement) {}

AttentionPool::AttentionPool(const LinearParts& in_proj, StateDict& weights, const std::string& name,
                             const TransformerShape& shape, const Placement& placement)
    : num_heads_(shape.num_heads),
      query_(make_query(in_proj, weights.take(name + "probe"), shape.num_heads, placement)),
      kv_proj_(rows_of(in_proj, 1, 2), placement),
      end_(weights, name, shape, placement) {}

Tensor AttentionPool::forward(const Tensor& x) const {
  const Tensor kv = split_heads(kv_proj_.forward(x), 2, num_heads_);
  const Tensor query = query_.expand({x.size(0), -1, -1, -1});
  const Tensor attended = attend_(query, kv[0], kv[1], std::nullopt, /*is_causal=*/false);
  return end_.forward_pooled(join_heads(attended)).squeeze(1);
}

void AttentionPool::pack(int weight_bits) {
  attend_ = &attention;
  kv_proj_.pack(weight_bits);
  end_.pack(weight_bits);
}

SiglipVisionTransformer::SiglipVisionTransformer(const ClipArchitecture& architecture, StateDict& weights,
                                                 const Placement& placement)
    : patch_size_(architecture.patch_size),
      patch_embedding_({.weight = weights.take("visual.conv1.weight").flatten(1),
                        .bias = weights.take("visual.conv1.bias")},
                       placement),
      positional_embedding_(take_copy(weights, "visual.positional_embedding", placement)),
      ln_post_(weights, "visual.ln_post", architecture.vision.layer_norm_eps, placement),
      pool_(weights, "visual.attnpool.", architecture.vision, placement) {
  for (std::int64_t layer = 0; layer < architecture.vision.num_layers; ++layer) {
    blocks_.emplace_back(weights, block_name("visual.transformer", layer), architecture.vision, placement);
  }
}

Tensor SiglipVisionTransformer::forward(const Tensor& pixel_values) {
  Tensor x = patch_embedding_.forward(split_patches(pixel_values, patch_size_)) + positional_embedding_;
  for (const TransformerBlock& block : blocks_) x = block.forward(x, /*is_causal=*/false);
  return pool_.forward(ln_post_.forward(x));
}

NetworkOptimization SiglipVisionTransformer::optimize(int weight_bits, bool /*copies_weights*/) {
  patch_embedding_.pack(weight_bits);
  for (TransformerBlock& block : blocks_) block.pack(weight_bits);
  pool_.pack(weight_bits);
  // Four in each block and in the pool, whose query is no layer any more, and the patches.
  const int num_attentions = static_cast<int>(blocks_.size()) + 1;
  const int num_layers = 4 * num_attentions + 1;
  return {{num_layers, num_layers}, {num_attentions, num_attentions}};
}

}  // namespace clipcls
