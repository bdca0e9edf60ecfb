#include "packed_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace clipcls {
namespace {

using at::Tensor;
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
  // oneDNN's relu makes zeros of NaN, and damaged weights would pass unseen.
  const bool is_relu = activation.name == "relu";
  const c10::string_view fused = is_relu ? "none" : activation.name;
  Tensor product = multiply_operator.call(x, weight, bias, fused, Scalars(), activation.algorithm);
  return is_relu ? product.relu_() : product;
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

// oneDNN multiplies fewer rows by other kernels, which want the weight in another order and add in another
// order. Only the last block's class tokens are so few; filled up they cost next to nothing, since the weight
// has to be read anyway, and the features of an image are the same to the last bit whatever the size of its
// batch.
constexpr std::int64_t kMinRows = 16;

/// `x` as [kMinRows, columns], with zeros behind its rows.
Tensor fill_up(const Tensor& x) {
  Tensor filled = at::zeros({kMinRows, x.size(-1)}, x.options());
  filled.narrow(0, 0, x.numel() / x.size(-1)).copy_(x.reshape({-1, x.size(-1)}));
  return filled;
}

}  // namespace

PackedLinear::PackedLinear(std::function<Tensor()> weight, std::optional<Tensor> bias,
                           LinearActivation activation)
    : make_weight_(std::move(weight)), bias_(std::move(bias)), activation_(std::move(activation)) {}

Tensor PackedLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  const std::int64_t num_rows = x.numel() / x.size(-1);
  // Several threads may be the first.
  std::call_once(is_packed_, [&] {
    weight_ = reorder_weight(make_weight_(), std::max(num_rows, kMinRows));
    make_weight_ = nullptr;
  });
  // The residual is added afterwards, as it has no rows for the padding.
  if (num_rows > 0 && num_rows < kMinRows) {
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = weight_.size(0);
    Tensor product = multiply_rows(fill_up(x), std::nullopt).narrow(0, 0, num_rows).reshape(shape);
    return other ? product + *other : product;
  }
  return multiply_rows(x, other);
}

Tensor PackedLinear::multiply_rows(const Tensor& x, const std::optional<Tensor>& other) {
  if (!other) return multiply(x, weight_, bias_, activation_);
  // The fused sum does not broadcast.
  if (has_output_shape(*other, x, weight_.size(0))) return multiply_add(x, *other, weight_, bias_);
  return multiply(x, weight_, bias_, activation_) + *other;
}

}  // namespace clipcls
