#include "tower_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/silu.h>
#include <c10/core/Device.h>

#include <mutex>
#include <utility>
#include <vector>

#include "fast_linear.h"
#include "linear_product.h"
#include "mapped_storage.h"
#include "scaled_weight.h"

namespace clipcls {
namespace {

using at::Tensor;

Tensor activate(Tensor x, const LinearActivation& activation) {
  if (activation.name == "swish") return at::silu_(x);
  if (activation.name == "gelu") return at::gelu(x, activation.algorithm);
  return x;
}

/// The layer before it is packed: the weight as it is stored. Where it is of another type, it is converted at
/// the first use, which may never come.
class StoredLinear final : public LinearLayer {
 public:
  StoredLinear(LinearParts parts, const Placement& placement)
      : parts_(std::move(parts)), type_(placement.type) {
    // The GPU's memory is where it is needed: at once.
    if (!placement.device.is_cpu()) parts_.weight = parts_.weight.to(placement.device, type_);
  }

  Tensor forward(const Tensor& x, const std::optional<Tensor>& other) override {
    std::call_once(is_ready_, [&] {
      if (parts_.weight.scalar_type() != type_) {
        const Tensor stored =
            std::exchange(parts_.weight, scaled_weight(parts_.weight, 1, std::nullopt, type_));
        give_pages_back(stored);
      }
      has_own_kernel_ = type_ == at::kFloat && parts_.weight.device().is_cpu() &&
                        parts_.weight.is_contiguous() && has_own_product();
      if (has_own_kernel_ && parts_.bias) parts_.bias = *parts_.bias * parts_.bias_factor;
    });
    if (has_own_kernel_) {
      const auto added = parts_.layer_scale ? std::nullopt : other;
      const Tensor y = multiply_by_own_kernel(x, added);
      return parts_.layer_scale ? at::addcmul(*other, y, *parts_.layer_scale) : y;
    }
    const Tensor y = activate(multiply(x), parts_.activation);
    if (parts_.layer_scale) return at::addcmul(*other, y, *parts_.layer_scale);
    return other ? y + *other : y;
  }

 private:
  Tensor multiply(const Tensor& x) const {
    const auto& [weight, bias, activation, weight_factor, bias_factor, layer_scale] = parts_;
    if (weight_factor == 1 && bias_factor == 1) return at::linear(x, weight, bias);
    std::vector<std::int64_t> shape = x.sizes().vec();
    shape.back() = weight.size(0);
    // The matrix product has factors of its own, at no cost.
    return at::addmm(*bias, x.reshape({-1, x.size(-1)}), weight.t(), bias_factor, weight_factor).view(shape);
  }

  Tensor multiply_by_own_kernel(const Tensor& x, const std::optional<Tensor>& other) const {
    const Tensor& weight = parts_.weight;
    const StoredProductWeight stored(weight.const_data_ptr<float>(), weight.size(0), weight.size(1),
                                     static_cast<float>(parts_.weight_factor));
    return linear_product(stored, x, parts_.bias, product_activation(parts_.activation), other);
  }

  LinearParts parts_;
  at::ScalarType type_;
  std::once_flag is_ready_;
  bool has_own_kernel_ = false;  ///< then the bias has its factor already
};

/// The weight with what stands around it, contiguous; it lies where it is stored when it can.
Tensor folded_weight(const LinearParts& parts, at::ScalarType type) {
  const Tensor& weight = parts.weight;
  const bool is_as_stored = parts.weight_factor == 1 && !parts.layer_scale;
  if (is_as_stored && weight.scalar_type() == type && weight.is_contiguous()) return weight;
  return scaled_weight(weight, parts.weight_factor, parts.layer_scale, type);
}

std::optional<Tensor> folded_bias(const LinearParts& parts, at::ScalarType type) {
  if (!parts.bias) return std::nullopt;
  Tensor bias = *parts.bias * parts.bias_factor;
  if (parts.layer_scale) bias = bias * *parts.layer_scale;
  return bias.to(type);
}

}  // namespace

TowerLinear::TowerLinear(LinearParts parts, const Placement& placement)
    : parts_(std::move(parts)), type_(placement.type) {
  // Always copies: nothing small is left in the mapped file.
  const auto copy = [](std::optional<Tensor>& small, at::Device device, at::ScalarType type) {
    if (small) small = small->to(device, type, /*non_blocking=*/false, /*copy=*/true);
  };
  LinearParts placed = parts_;
  copy(placed.bias, placement.device, placement.type);
  copy(placed.layer_scale, placement.device, placement.type);
  layer_ = c10::make_intrusive<StoredLinear>(std::move(placed), placement);
  // For the factors, which are folded in before anything is rounded.
  copy(parts_.bias, at::kCPU, at::kFloat);
  copy(parts_.layer_scale, at::kCPU, at::kFloat);
}

void TowerLinear::pack(int weight_bits) {
  if (!parts_.weight.defined()) return;
  const auto bias = folded_bias(parts_, weight_bits > 0 ? at::kFloat : type_);
  if (weight_bits > 0) {
    layer_ = make_quantized_linear(folded_weight(parts_, at::kFloat), bias, parts_.activation, weight_bits);
    give_pages_back(parts_.weight);
  } else {
    const auto make_weight = [parts = parts_, type = type_] {
      Tensor weight = folded_weight(parts, type);
      if (!weight.is_alias_of(parts.weight)) give_pages_back(parts.weight);
      return weight;
    };
    layer_ = make_fast_linear(make_weight, bias, parts_.activation, type_);
  }
  parts_ = {};
}

}  // namespace clipcls
