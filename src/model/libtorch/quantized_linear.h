#pragma once

#include "linear_layer.h"

namespace clipcls {

/// A layer of 8-bit or 7-bit integers. The weight is quantised once, symmetrically, with a scale for each
/// output feature; an input at each call, with one scale and zero point for the whole tensor. Sums are 32-bit
/// integers; what comes out has the input's dtype.
class QuantizedLinear final : public LinearLayer {
 public:
  /// weight: [out_features, in_features], bias: [out_features] or none, float32 or bfloat16 each.
  /// `weight_bits`: 8, or 7 where products of 8 bits saturate, see plan_computation().
  QuantizedLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                  LinearActivation activation, int weight_bits);

  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) override;

 private:
  at::Tensor weight_;               // int8, in oneDNN's order
  at::Tensor weight_scales_;        // [out_features], float32
  at::Tensor weight_zero_points_;   // [out_features], zeros
  std::optional<at::Tensor> bias_;  // float32
  std::int64_t out_features_;
  LinearActivation activation_;
};

}  // namespace clipcls
