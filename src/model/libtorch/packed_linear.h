#pragma once

#include <mutex>

#include "linear_layer.h"

namespace clipcls {

/// A layer whose weight lies in the order in which oneDNN multiplies. It computes in the weight's dtype,
/// float32 or bfloat16. That order is one and the same for all numbers of rows from 16 on, and fewer rows are
/// filled up to as many, so that inputs of any size are multiplied without reordering.
class PackedLinear final : public LinearLayer {
 public:
  /// weight: [out_features, in_features]; bias: [out_features] or none.
  PackedLinear(torch::Tensor weight, std::optional<torch::Tensor> bias, LinearActivation activation);

  torch::Tensor forward(const torch::Tensor& x, const std::optional<torch::Tensor>& other) override;

 private:
  torch::Tensor multiply_rows(const torch::Tensor& x, const std::optional<torch::Tensor>& other);

  std::once_flag is_packed_;
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  LinearActivation activation_;
};

}  // namespace clipcls
