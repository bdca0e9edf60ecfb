#pragma once

#include <cstdint>
#include <optional>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// CLIP's vision transformer, whose class token gives the features.
class VisionTransformer final : public EncoderNetwork {
 public:
  VisionTransformer(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  at::Tensor forward(const at::Tensor& pixel_values) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  // A convolution whose stride is its kernel size is one linear layer over the pixels of a patch.
  bool has_convolutions() const override { return false; }

 private:
  /// [batch, 1 + grid * grid, width]: the class token and the patches.
  at::Tensor embed(const at::Tensor& pixel_values) const;

  std::int64_t patch_size_;
  TowerLinear patch_embedding_;
  at::Tensor class_embedding_;
  at::Tensor positional_embedding_;
  std::optional<LayerNorm> ln_pre_;
  Blocks blocks_;
  LayerNorm ln_post_;
  TowerLinear projection_;
};

}  // namespace clipcls
