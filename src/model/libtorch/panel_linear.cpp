#include "panel_linear.h"

#include <utility>

#include "linear_product.h"
#include "parallel_loops.h"

namespace clipcls {

using at::Tensor;

ProductActivation product_activation(const LinearActivation& activation) {
  if (activation.name == "relu") return ProductActivation::kRelu;
  if (activation.name == "swish") return ProductActivation::kSilu;
  if (activation.name == "gelu")
    return activation.algorithm == "tanh" ? ProductActivation::kGeluTanh : ProductActivation::kGelu;
  return ProductActivation::kNone;
}

PanelLinear::PanelLinear(std::function<Tensor()> weight, std::optional<Tensor> bias,
                         const LinearActivation& activation)
    : make_weight_(std::move(weight)), bias_(std::move(bias)), activation_(product_activation(activation)) {
  if (bias_) bias_ = bias_->contiguous();
}

void PanelLinear::pack() {
  const Tensor weight = make_weight_().contiguous();
  weight_.emplace(weight.size(0), weight.size(1));
  at::parallel_for(0, weight_->shape().num_panels, 1, [&](std::int64_t begin, std::int64_t end) {
    weight_->pack(weight.const_data_ptr<float>(), {begin, end});
  });
  make_weight_ = nullptr;
}

Tensor PanelLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  // Several threads may be the first.
  std::call_once(is_packed_, [this] { pack(); });
  return linear_product(*weight_, x, bias_, activation_, other);
}

}  // namespace clipcls
