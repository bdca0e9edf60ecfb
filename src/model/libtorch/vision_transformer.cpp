#include "vision_transformer.h"

#include <ATen/ops/cat.h>

namespace clipcls {

using at::Tensor;

namespace {

LinearParts take_patch_embedding(const ClipArchitecture& architecture, StateDict& weights) {
  LinearParts parts = {.weight = weights.take("visual.conv1.weight").flatten(1)};
  if (architecture.has_patch_bias) parts.bias = weights.take("visual.conv1.bias");
  return parts;
}

}  // namespace

VisionTransformer::VisionTransformer(const ClipArchitecture& architecture, StateDict& weights,
                                     const Placement& placement)
    : patch_size_(architecture.patch_size),
      patch_embedding_(take_patch_embedding(architecture, weights), placement),
      class_embedding_(take_copy(weights, "visual.class_embedding", placement)),
      positional_embedding_(take_copy(weights, "visual.positional_embedding", placement)),
      blocks_(weights, "visual.transformer", architecture.vision, placement),
      ln_post_(weights, "visual.ln_post", architecture.vision.layer_norm_eps, placement),
      // CLIP computes x @ proj, and a linear layer x @ weight.t().
      projection_({.weight = weights.take("visual.proj").t()}, placement) {
  if (architecture.has_ln_pre)
    ln_pre_.emplace(weights, "visual.ln_pre", architecture.vision.layer_norm_eps, placement);
}

Tensor VisionTransformer::embed(const Tensor& pixel_values) const {
  const std::int64_t batch = pixel_values.size(0);
  const Tensor patches = patch_embedding_.forward(split_patches(pixel_values, patch_size_));
  return at::cat({class_embedding_.expand({batch, 1, -1}), patches}, 1).add_(positional_embedding_);
}

Tensor VisionTransformer::forward(const Tensor& pixel_values) {
  Tensor x = embed(pixel_values);
  if (ln_pre_) x = ln_pre_->forward(x);
  for (const TransformerBlock& block : blocks_.all_but_last) x = block.forward(x, /*is_causal=*/false);
  const Tensor token = blocks_.last.forward(x, x.narrow(1, 0, 1), std::nullopt);
  return projection_.forward(ln_post_.forward(token));
}

NetworkOptimization VisionTransformer::optimize(int weight_bits, bool /*copies_weights*/) {
  patch_embedding_.pack(weight_bits);
  blocks_.pack(weight_bits);
  projection_.pack(weight_bits);
  return blocks_.count_packed(/*num_others=*/2);
}

}  // namespace clipcls
