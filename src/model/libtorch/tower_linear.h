#pragma once

#include <c10/core/Device.h>
#include <optional>

#include "linear_layer.h"

namespace clipcls {

/// Where a tower computes, and in what.
struct Placement {
  at::Device device = at::kCPU;
  at::ScalarType type = at::kFloat;
};

/// A linear layer as a checkpoint has it, and what its tower wants of it:
/// layer_scale * activation(weight_factor * (x · weightᵀ) + bias_factor * bias).
struct LinearParts {
  at::Tensor weight = {};  ///< [out_features, in_features], of any floating-point type and strides
  std::optional<at::Tensor> bias = {};  ///< [out_features]; where a factor is not 1, there is one
  LinearActivation activation = {};
  double weight_factor = 1;
  double bias_factor = 1;
  std::optional<at::Tensor> layer_scale = {};  ///< [out_features]; then something is added
};

/// A linear layer of one of our towers. Its weight is used where it lies, in a mapped file as a rule, until
/// it is packed: then the factors and the layer scale go into the packed copy, and the stored weight is
/// dropped.
class TowerLinear {
 public:
  TowerLinear(LinearParts parts, const Placement& placement);

  /// x: [..., in_features] -> [..., out_features]. Several threads may call it at once.
  at::Tensor forward(const at::Tensor& x) const { return layer_->forward(x, std::nullopt); }
  /// The same and `other`, of the same shape.
  at::Tensor forward_add(const at::Tensor& x, const at::Tensor& other) const {
    return layer_->forward(x, other);
  }

  /// See EncoderNetwork::optimize().
  void pack(int weight_bits);

 private:
  LinearParts parts_;  ///< empty once it is packed
  at::ScalarType type_;
  c10::intrusive_ptr<LinearLayer> layer_;
};

}  // namespace clipcls
