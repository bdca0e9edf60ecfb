#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <optional>
#include <utility>
#include <vector>

#include "kernels/integer_product_kernel.h"
#include "linear_product.h"

namespace clipcls {

/// The memory of a tensor of float32 or bfloat16 as the kernels' type.
template <typename Value>
Value* values_of(const at::Tensor& tensor) {
  return static_cast<Value*>(tensor.data_ptr());
}

/// LinearLayer::forward() by multiply(x, operands), which computes operands.y of a contiguous x.
template <typename Multiply>
at::Tensor quantized_product(const at::Tensor& x, const std::optional<at::Tensor>& other,
                             std::int64_t num_outputs, ProductActivation activation, Multiply&& multiply) {
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = num_outputs;
  at::Tensor y = at::empty(shape, x.options());
  const bool is_fused = other && other->sizes() == y.sizes() && other->scalar_type() == y.scalar_type();
  const at::Tensor added = is_fused ? other->contiguous() : at::Tensor();
  const auto multiply_as = [&]<typename Value>(Value* values) {
    multiply(x.contiguous(),
             IntegerProductOperands<Value>{.x = {},
                                           .other = is_fused ? values_of<const Value>(added) : nullptr,
                                           .y = values,
                                           .activation = activation});
  };
  if (x.scalar_type() == at::kFloat) {
    multiply_as(values_of<float>(y));
  } else {
    multiply_as(values_of<Bfloat16>(y));
  }
  // What is broadcast.
  return other && !is_fused ? y + *other : y;
}

}  // namespace clipcls
