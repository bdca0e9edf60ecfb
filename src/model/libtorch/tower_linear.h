#pragma once

#include <optional>

#include "linear_layer.h"

namespace clipcls {

/// Where a tower computes, and in what.
struct Placement {
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat;
};

/// A linear layer as a checkpoint has it, and what its tower wants of it:
/// layer_scale * activation(weight_factor * (x · weightᵀ) + bias_factor * bias).
struct LinearParts {
  torch::Tensor weight = {};  ///< [out_features, in_features], of any floating-point type and strides
  std::optional<torch::Tensor> bias = {};  ///< [out_features]; where a factor is not 1, there is one
  LinearActivation activation = {};
  double weight_factor = 1;
  double bias_factor = 1;
  std::optional<torch::Tensor> layer_scale = {};  ///< [out_features]; then something is added
};

/// A linear layer of one of our towers. Its weight is used where it lies, in a mapped file as a rule, until
/// it is packed: then the factors and the layer scale go into the packed copy, and the stored weight is
/// dropped.
class TowerLinear {
 public:
  TowerLinear(LinearParts parts, const Placement& placement);

  /// x: [..., in_features] -> [..., out_features]. Several threads may call it at once.
  torch::Tensor forward(const torch::Tensor& x) const { return layer_->forward(x, std::nullopt); }
  /// The same and `other`, of the same shape.
  torch::Tensor forward_add(const torch::Tensor& x, const torch::Tensor& other) const {
    return layer_->forward(x, other);
  }

  /// See EncoderNetwork::optimize().
  void pack(int weight_bits);

 private:
  LinearParts parts_;  ///< empty once it is packed
  torch::ScalarType type_;
  c10::intrusive_ptr<LinearLayer> layer_;
};

}  // namespace clipcls
