#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

/// A convolution and the batch norm behind it as one convolution with bias.
class FoldedConvolution {
 public:
  /// `conv` and `batch_norm`: their names in the checkpoint.
  FoldedConvolution(StateDict& weights, const std::string& conv, const std::string& batch_norm,
                    const Placement& placement);

  /// [batch, in, side, side] -> [batch, out, side / stride, side / stride]
  at::Tensor forward(const at::Tensor& x, std::int64_t stride = 1) const;

 private:
  at::Tensor weight_;
  at::Tensor bias_;
};

/// A bottleneck: [batch, in, side, side] -> [batch, out, side / stride, side / stride]. Strides are average
/// pools, as CLIP has them.
class Bottleneck {
 public:
  /// `name`: of the bottleneck in the checkpoint. The first of a stage has a downsampling beside it.
  Bottleneck(StateDict& weights, const std::string& name, bool is_first, std::int64_t stride,
             const Placement& placement);

  at::Tensor forward(const at::Tensor& x) const;

 private:
  FoldedConvolution conv1_;
  FoldedConvolution conv2_;
  FoldedConvolution conv3_;
  std::optional<FoldedConvolution> downsample_;
  std::int64_t stride_;
};

/// CLIP's ResNet: a stem of three convolutions, four stages, and attention as the pool behind them.
class ModifiedResNet final : public EncoderNetwork {
 public:
  ModifiedResNet(const ClipArchitecture& architecture, StateDict& weights, const Placement& placement);

  at::Tensor forward(const at::Tensor& pixel_values) override;
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override { return true; }

 private:
  at::Tensor pool(const at::Tensor& x) const;

  std::vector<FoldedConvolution> stem_;
  std::vector<Bottleneck> bottlenecks_;
  std::int64_t num_heads_;
  Attention attend_ = &library_attention;  ///< our own kernel once it is packed
  at::Tensor positional_embedding_;
  TowerLinear q_proj_;
  TowerLinear k_proj_;
  TowerLinear v_proj_;
  TowerLinear c_proj_;
};

}  // namespace clipcls
