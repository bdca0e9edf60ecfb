#pragma once

#include <cstdint>
#include <vector>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// One learned query, the probe, looks at all patches; an MLP is added to what it sees.
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

  std::int64_t num_heads_;
  Attention attend_ = &library_attention;  ///< our own kernel once it is packed
  at::Tensor query_;                       ///< [1, heads, 1, head_width]: the same for all pictures
  TowerLinear kv_proj_;
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
