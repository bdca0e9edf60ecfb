#pragma once

#include <functional>
#include <mutex>
#include <optional>

#include "kernels/product_kernel.h"
#include "linear_layer.h"

namespace clipcls {

/// A layer in float32 that our own kernel multiplies. The weight is packed at the first use, so layer by
/// layer, and each layer's own weight goes when it is packed.
class PanelLinear final : public LinearLayer {
 public:
  /// weight: gives [out_features, in_features] of float32 when it is packed; bias: [out_features] or none.
  PanelLinear(std::function<at::Tensor()> weight, std::optional<at::Tensor> bias,
              const LinearActivation& activation);

  at::Tensor forward(const at::Tensor& x, const std::optional<at::Tensor>& other) override;

 private:
  void pack();

  std::once_flag is_packed_;
  std::function<at::Tensor()> make_weight_;  ///< empty once it is packed
  std::optional<ProductWeight> weight_;
  std::optional<at::Tensor> bias_;
  ProductActivation activation_;
};

}  // namespace clipcls
