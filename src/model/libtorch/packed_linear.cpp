#include "packed_linear.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <utility>

namespace clipcls {
namespace {

using torch::Tensor;
using Scalars = torch::List<std::optional<at::Scalar>>;

Tensor reorder_weight(const Tensor& weight, std::int64_t num_rows) {
  static const auto reorder =
      find_operator<Tensor(const Tensor&, std::optional<c10::SymInt>)>("mkldnn::_reorder_linear_weight", "");
  return reorder.call(weight, c10::SymInt(num_rows));
}

Tensor multiply(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias,
                const LinearActivation& activation) {
  static const auto multiply_operator =
      find_operator<Tensor(const Tensor&, const Tensor&, const std::optional<Tensor>&, c10::string_view,
                           Scalars, std::optional<c10::string_view>)>("mkldnn::_linear_pointwise", "");
  return multiply_operator.call(x, weight, bias, activation.name, Scalars(), activation.algorithm);
}

Tensor multiply_add(const Tensor& x, const Tensor& other, const Tensor& weight,
                    const std::optional<Tensor>& bias) {
  static const auto multiply_operator =
      find_operator<Tensor(const Tensor&, const Tensor&, const Tensor&, const std::optional<Tensor>&,
                           c10::string_view)>("mkldnn::_linear_pointwise", "binary");
  return multiply_operator.call(x, other, weight, bias, "add");
}

bool has_output_shape(const Tensor& other, const Tensor& x, std::int64_t out_features) {
  return other.dim() == x.dim() && other.size(-1) == out_features && other.scalar_type() == x.scalar_type() &&
         other.sizes().slice(0, other.dim() - 1) == x.sizes().slice(0, x.dim() - 1);
}

}  // namespace

PackedLinear::PackedLinear(Tensor weight, std::optional<Tensor> bias, LinearActivation activation)
    : weight_(std::move(weight)), bias_(std::move(bias)), activation_(std::move(activation)) {}

Tensor PackedLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  std::call_once(is_packed_, [&] { weight_ = reorder_weight(weight_, x.numel() / x.size(-1)); });
  if (!other) return multiply(x, weight_, bias_, activation_);
  if (has_output_shape(*other, x, weight_.size(0))) return multiply_add(x, *other, weight_, bias_);
  return multiply(x, weight_, bias_, activation_) + *other;
}

}  // namespace clipcls
