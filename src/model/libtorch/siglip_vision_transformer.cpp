#include "siglip_vision_transformer.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/softmax.h>

#include <cmath>

namespace clipcls {
namespace {

using at::Tensor;

// The pool's norm and MLP are those of a block; it has no layer scale.
TransformerShape shape_of_pool(TransformerShape shape) {
  shape.has_layer_scale = false;
  return shape;
}

Tensor in_float32(const Tensor& x) { return x.to(at::kCPU, at::kFloat); }

/// [heads, head_width, width] of queries (0), keys (1) or values (2).
Tensor weight_of_heads(const LinearParts& in_proj, std::int64_t which, std::int64_t num_heads) {
  const Tensor weight = in_float32(rows_of(in_proj, which, 1).weight);
  return weight.view({num_heads, -1, weight.size(1)});
}

/// [heads, width]
Tensor fold_probe(const LinearParts& in_proj, const Tensor& probe, std::int64_t num_heads) {
  const LinearParts q_proj = rows_of(in_proj, 0, 1);
  const Tensor query = at::linear(in_float32(probe), in_float32(q_proj.weight), in_float32(*q_proj.bias));
  const Tensor rows = query.view({num_heads, 1, -1});
  const Tensor folded = at::bmm(rows, weight_of_heads(in_proj, 1, num_heads)).squeeze(1);
  return folded / std::sqrt(static_cast<double>(rows.size(2)));
}

}  // namespace

AttentionPool::AttentionPool(StateDict& weights, const std::string& name, const TransformerShape& shape,
                             const Placement& placement)
    : AttentionPool(take_in_proj(weights, name), weights, name, shape_of_pool(shape), placement) {}

AttentionPool::AttentionPool(const LinearParts& in_proj, StateDict& weights, const std::string& name,
                             const TransformerShape& shape, const Placement& placement)
    : keys_(fold_probe(in_proj, weights.take(name + "probe"), shape.num_heads).to(placement.device)),
      values_(weight_of_heads(in_proj, 2, shape.num_heads).transpose(1, 2).contiguous().to(placement.device)),
      value_bias_(in_float32(*rows_of(in_proj, 2, 1).bias).clone().to(placement.device)),
      end_(weights, name, shape, placement) {}

Tensor AttentionPool::forward(const Tensor& x) const {
  const Tensor patches = x.to(at::kFloat);
  const Tensor shares = at::linear(patches, keys_).softmax(1);   // [batch, length, heads]
  const Tensor seen = at::bmm(shares.transpose(1, 2), patches);  // [batch, heads, width]
  const Tensor values = at::bmm(seen.transpose(0, 1), values_);  // [heads, batch, head_width]
  const Tensor attended = values.transpose(0, 1).reshape({x.size(0), -1}) + value_bias_;
  return end_.forward_pooled(attended.to(x.scalar_type()));
}

void AttentionPool::pack(int weight_bits) { end_.pack(weight_bits); }

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
  // Four in each block, three in the pool, and the patches.
  const int num_attentions = static_cast<int>(blocks_.size());
  const int num_layers = 4 * num_attentions + 4;
  return {{num_layers, num_layers}, {num_attentions, num_attentions}};
}

}  // namespace clipcls
