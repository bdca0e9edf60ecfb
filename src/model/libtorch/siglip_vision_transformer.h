#pragma once

#include <cstdint>
#include <vector>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// One learned query, the probe, looks at all patches; an MLP is added to what it sees.
///
/// Neither keys nor values of the patches are computed. With q_h the query of head h, which is the same for
/// all pictures:
///
///   q_h · (K_h x + k_h) = (K_hᵀ q_h) · x + a number that all patches share, which the softmax drops
///   Σ_t a_ht (V_h x_t + v_h) = V_h (Σ_t a_ht x_t) + v_h, as the a_ht of a head add up to 1
class AttentionPool {
 public:
  /// `name`: of the pool in the checkpoint, with a dot behind it.
  AttentionPool(StateDict& weights, const std::string& name, const TransformerShape& shape,
                const Placement& placement);

  /// [batch, length, width] -> [batch, width]
  at::Tensor forward(const at::Tensor& x) const;
  void pack(int weight_bits);

 private:
  AttentionPool(const LinearParts& in_proj, StateDict& weights, const std::string& name,
                const TransformerShape& shape, const Placement& placement);

  // In float32, whatever the tower computes in: they are a thousandth of its work.
  at::Tensor keys_;        ///< [heads, width]: K_hᵀ q_h / √head_width
  at::Tensor values_;      ///< [heads, width, head_width]
  at::Tensor value_bias_;  ///< [width]
  BlockEnd end_;
};

/// SigLIP's vision transformer: no class token, and no projection behind the pool.
class SiglipVisionTransformer final : public EncoderNetwork {
 public:
  SiglipVisionTransformer(const ClipArchitecture& architecture, StateDict& weights,
                          const Placement& placement);

  at::Tensor forward(const at::Tensor& pixel_values) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  // A convolution whose stride is its kernel size is one linear layer over the pixels of a patch.
  bool has_convolutions() const override { return false; }

 private:
  std::int64_t patch_size_;
  TowerLinear patch_embedding_;
  at::Tensor positional_embedding_;
  std::vector<TransformerBlock> blocks_;
  LayerNorm ln_post_;
  AttentionPool pool_;
};

}  // namespace clipcls
