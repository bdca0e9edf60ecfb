#include "quantized_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

#include "kernels/quantize_kernel.h"

namespace clipcls {
namespace {

using at::Tensor;
using Scalars = torch::List<std::optional<at::Scalar>>;

/// The input's integers, [..., in_features] of uint8.
Tensor quantize_input(const Tensor& x, Quantization& quantization) {
  Tensor quantized = at::empty(x.sizes(), x.options().dtype(at::kByte));
  auto* output = quantized.data_ptr<std::uint8_t>();
  if (x.scalar_type() == at::kFloat) {
    quantization = quantize(x.const_data_ptr<float>(), x.numel(), output);
  } else {
    quantization = quantize(static_cast<const Bfloat16*>(x.const_data_ptr()), x.numel(), output);
  }
  return quantized;
}

/// The weight's integers, [out_features, in_features] of int8, each row by a scale of its own, which goes to
/// `scales`.
///
/// A few rows at once: freed memory is kept for the pictures, and whole weights in float32 that come and go
/// among the packed ones, which stay, left holes of up to 240 MB.
Tensor quantize_weight(const Tensor& weight, int weight_bits, Tensor& scales) {
  // 127 for 8 bits, 63 for 7. The lowest integer, -128, is left out, so that the range is symmetric.
  const auto max_weight = static_cast<float>((1 << (weight_bits - 1)) - 1);
  Tensor quantized = at::empty(weight.sizes(), at::kChar);
  constexpr std::int64_t kRows = 64;
  for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
    const std::int64_t count = std::min(kRows, weight.size(0) - row);
    const Tensor values = weight.narrow(0, row, count).to(at::kFloat);
    // A row of zeros has a scale above zero, too, as it is divided by.
    const Tensor scale = (values.abs().amax(1) / max_weight).clamp_min(1e-12);
    quantized.narrow(0, row, count)
        .copy_((values / scale.unsqueeze(1)).round_().clamp_(-max_weight, max_weight));
    scales.narrow(0, row, count).copy_(scale);
  }
  return quantized;
}

}  // namespace

QuantizedLinear::QuantizedLinear(const Tensor& weight, const std::optional<Tensor>& bias,
                                 LinearActivation activation, int weight_bits)
    : out_features_(weight.size(0)), activation_(std::move(activation)) {
  static const auto prepack =
      find_operator<Tensor(Tensor, std::optional<torch::List<std::int64_t>>)>("onednn::qlinear_prepack", "");
  weight_scales_ = at::empty({out_features_}, at::kFloat);
  weight_zero_points_ = at::zeros({out_features_}, at::kInt);
  weight_ = prepack.call(quantize_weight(weight, weight_bits, weight_scales_), std::nullopt);
  // oneDNN adds it in float32.
  if (bias) bias_ = bias->to(at::kFloat);
}

Tensor QuantizedLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  static const auto multiply =
      find_operator<Tensor(Tensor, double, std::int64_t, Tensor, Tensor, Tensor, std::optional<Tensor>,
                           double, std::int64_t, std::optional<at::ScalarType>, c10::string_view, Scalars,
                           c10::string_view)>("onednn::qlinear_pointwise", "");
  Quantization quantization;
  const Tensor quantized = quantize_input(x.contiguous(), quantization);
  Tensor result = multiply.call(quantized, quantization.scale, quantization.zero_point, weight_,
                                weight_scales_, weight_zero_points_, bias_, 1.0, 0, x.scalar_type(),
                                activation_.name, Scalars(), activation_.algorithm);
  if (!other) return result;
  // In place: fresh memory costs more than the sum.
  const bool fits = other->sizes() == result.sizes() && other->scalar_type() == result.scalar_type();
  return fits ? result.add_(*other) : result + *other;
}

}  // namespace clipcls
