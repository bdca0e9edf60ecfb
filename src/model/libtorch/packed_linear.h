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
  PackedLinear(std::function<torch::Tensor()> weight, std::optional<torch::Tensor> bias,
               LinearActivation activation);

  torch::Tensor forward(const torch::Tensor& x, const std::optional<torch::Tensor>& other) override;

 private:
  torch::Tensor multiply_rows(const torch::Tensor& x, const std::optional<torch::Tensor>& other);

  std::once_flag is_packed_;
  std::function<torch::Tensor()> make_weight_;  ///< empty once it is packed
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  LinearActivation activation_;
};

}  // namespace clipcls
