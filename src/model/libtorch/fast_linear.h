#pragma once

#include <functional>

#include "linear_layer.h"

namespace clipcls {

/// Whether our own kernel multiplies in float32 on this processor, packed weights or not.
bool has_own_product();

/// A layer with its weight in the order in which this processor multiplies fastest: AVX2 takes PanelLinear
/// for float32, everything else is oneDNN's (PackedLinear). The choice is measured: see ../README.md.
///
/// weight: gives [out_features, in_features] of `type` (float32 or bfloat16) when it is packed; bias:
/// [out_features] or none.
c10::intrusive_ptr<LinearLayer> make_fast_linear(std::function<at::Tensor()> weight,
                                                 std::optional<at::Tensor> bias,
                                                 const LinearActivation& activation, at::ScalarType type);

/// A layer of integers: our own kernel's (QuantizedLinear), or, where the processor multiplies tiles (AMX),
/// oneDNN's (TileQuantizedLinear).
///
/// weight: [out_features, in_features], bias: [out_features] or none, float32 or bfloat16 each.
/// `weight_bits`: see plan_computation(). Throws c10::Error where the layer is too long (kMaxIntegerInputs).
c10::intrusive_ptr<LinearLayer> make_quantized_linear(const at::Tensor& weight,
                                                      const std::optional<at::Tensor>& bias,
                                                      const LinearActivation& activation, int weight_bits);

}  // namespace clipcls
