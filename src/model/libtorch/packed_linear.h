#pragma once

#include <functional>
#include <mutex>

#include "linear_layer.h"

namespace clipcls {

/// A layer whose weight lies in the order in which oneDNN multiplies. It computes in the weight's dtype,
/// float32 or bfloat16. The weight is packed at the first use, as its order is asked for by a number of rows:
/// so layer by layer, and each layer's own weight goes when it is packed. That order is one and the same for
/// all numbers of rows from 16 on, and fewer rows are filled up to as many, so that inputs of any size are
/// multiplied without reordering.
class PackedLinear final : public LinearLayer {
 public:
  /// weight: gives [out_features, in_features] when it is packed; bias: [out_features] or none.
  PackedLinear(std::function<at::Tensor()> weight, std::optional<at::Tensor> bias,
               LinearActivation activation);

  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) override;

 private:
  at::Tensor multiply_rows(const at::Tensor& x, const std::optional<at::Tensor>& other);

  std::once_flag is_packed_;
  std::function<at::Tensor()> make_weight_;  ///< empty once it is packed
  at::Tensor weight_;
  std::optional<at::Tensor> bias_;
  LinearActivation activation_;
};

}  // namespace clipcls
