#pragma once

#include "kernels/integer_product_kernel.h"
#include "linear_layer.h"

namespace clipcls {

/// QuantizedLinear where the processor multiplies tiles (AMX): oneDNN adds up the products of the integers,
/// several times as fast as instructions of vectors, and our kernel does the rest. The sums come as float32:
/// those above 2^24 are rounded.
class TileQuantizedLinear final : public LinearLayer {
 public:
  /// See QuantizedLinear.
  TileQuantizedLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                      const LinearActivation& activation, int weight_bits);

  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) override;

 private:
  /// x: [..., in_features], contiguous.
  template <typename Value>
  void multiply(const at::Tensor& x, IntegerProductOperands<Value> operands) const;

  std::int64_t num_outputs_;
  ProductActivation activation_;
  at::Tensor weight_;  ///< int8, in oneDNN's order, with zeros behind its outputs
  // Of each output, with zeros behind them.
  at::Tensor scales_;       ///< float32
  at::Tensor bias_;         ///< float32
  at::Tensor weight_sums_;  ///< int32
  // What oneDNN takes in their place, as it has one scale for all rows.
  at::Tensor no_scales_;       ///< ones, float32
  at::Tensor no_zero_points_;  ///< zeros, int32
};

/// Whether oneDNN adds up products of 8-bit integers right. Asked by a product, since builds and variables of
/// libraries differ: without VNNI or AMX two products are added up in 16 bits, which saturate.
bool adds_up_8_bits();

}  // namespace clipcls
