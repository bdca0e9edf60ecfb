#pragma once

#include "kernels/integer_product_kernel.h"
#include "linear_layer.h"

namespace clipcls {

/// A weight as integers: weight = scale of its row · integer.
struct QuantizedWeight {
  at::Tensor integers;  ///< [out_features, in_features], int8
  at::Tensor scales;    ///< [out_features], float32
};

/// Symmetric: of 8 bits -127 to 127, of 7 bits -63 to 63. weight: [out_features, in_features], float32 or
/// bfloat16.
QuantizedWeight quantize_weight(const at::Tensor& weight, int weight_bits);

/// A layer of 8-bit or 7-bit integers. The weight is quantised once, symmetrically, with a scale for each
/// output feature; an input at each call, with a scale and a zero point for each row, so that a picture's
/// features do not depend on its batch. Our own kernel multiplies. Sums are 32-bit integers; what comes out
/// has the input's dtype.
class QuantizedLinear final : public LinearLayer {
 public:
  /// weight: [out_features, in_features], bias: [out_features] or none, float32 or bfloat16 each.
  /// `weight_bits`: 8, or 7 where products of 8 bits saturate, see plan_computation().
  QuantizedLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                  const LinearActivation& activation, int weight_bits);

  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) override;

 private:
  IntegerProductWeight weight_;
  ProductActivation activation_;
};

}  // namespace clipcls
