#pragma once

#include <torch/csrc/jit/api/module.h>

#include "encoder_network.h"

namespace clipcls {

/// An encoder in TorchScript: a module whose forward takes one tensor and returns one.
class ScriptedNetwork final : public EncoderNetwork {
 public:
  /// Moves the module's weights to `device` in `type`. Throws Error (kModel) when there is no such forward,
  /// and what libtorch throws.
  ScriptedNetwork(torch::jit::Module module, at::Device device, at::ScalarType type);

  at::Tensor forward(const at::Tensor& input) override;
  bool can_share_prefix() const override;
  at::Tensor forward_shared_prefix(const at::Tensor& prefix, const at::Tensor& texts) override;
  /// Rewrites its graph, see optimize_encoder().
  NetworkOptimization optimize(int weight_bits, bool copies_weights) override;
  bool has_convolutions() const override;

 private:
  torch::jit::Module module_;
};

}  // namespace clipcls
