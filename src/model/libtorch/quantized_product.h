#pragma once

#include <optional>

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
  return product_with_other(
      x, other, num_outputs, [&](const at::Tensor& rows, const at::Tensor& added, const at::Tensor& y) {
        const auto multiply_as = [&]<typename Value>(Value* values) {
          multiply(rows, IntegerProductOperands<Value>{
                             .x = {},
                             .other = added.defined() ? values_of<const Value>(added) : nullptr,
                             .y = values,
                             .activation = activation});
        };
        if (x.scalar_type() == at::kFloat) {
          multiply_as(values_of<float>(y));
        } else {
          multiply_as(values_of<Bfloat16>(y));
        }
      });
}

}  // namespace clipcls
