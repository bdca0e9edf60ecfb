#include "tile_quantized_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <exception>
#include <utility>
#include <vector>

#include "base/round_up.h"
#include "parallel_loops.h"
#include "quantized_linear.h"
#include "quantized_product.h"

namespace clipcls {
namespace {

using at::Tensor;
using Scalars = torch::List<std::optional<at::Scalar>>;

Tensor pack_for_tiles(const Tensor& integers) {
  static const auto prepack =
      find_operator<Tensor(Tensor, std::optional<torch::List<std::int64_t>>)>("onednn::qlinear_prepack", "");
  return prepack.call(integers, std::nullopt);
}

/// Sums of products of integers. x: [num_rows, in_features], uint8 -> [num_rows, out_features], float32.
Tensor add_up(const Tensor& x, const Tensor& weight, const Tensor& no_scales, const Tensor& no_zero_points) {
  static const auto multiply =
      find_operator<Tensor(Tensor, double, std::int64_t, Tensor, Tensor, Tensor, std::optional<Tensor>,
                           double, std::int64_t, std::optional<at::ScalarType>, c10::string_view, Scalars,
                           c10::string_view)>("onednn::qlinear_pointwise", "");
  return multiply.call(x, 1.0, 0, weight, no_scales, no_zero_points, std::nullopt, 1.0, 0, at::kFloat, "none",
                       Scalars(), "");
}

/// `values` and zeros, [size].
Tensor padded(const Tensor& values, std::int64_t size) {
  Tensor filled = at::zeros({size}, values.options());
  filled.narrow(0, 0, values.size(0)).copy_(values);
  return filled;
}

}  // namespace

TileQuantizedLinear::TileQuantizedLinear(const Tensor& weight, const std::optional<Tensor>& bias,
                                         const LinearActivation& activation, int weight_bits)
    : num_outputs_(weight.size(0)), activation_(product_activation(activation)) {
  const std::int64_t size = round_up(num_outputs_, kPaddedOutputs);
  const auto [integers, scales] = quantize_weight(weight, weight_bits);
  Tensor all = at::zeros({size, weight.size(1)}, at::kChar);
  all.narrow(0, 0, num_outputs_).copy_(integers);
  weight_ = pack_for_tiles(all);
  scales_ = padded(scales, size);
  bias_ = bias ? padded(bias->to(at::kFloat), size) : at::zeros({size}, at::kFloat);
  weight_sums_ = padded(integers.sum(1, false, at::kInt), size);
  no_scales_ = at::ones({size}, at::kFloat);
  no_zero_points_ = at::zeros({size}, at::kInt);
}

template <typename Value>
void TileQuantizedLinear::multiply(const Tensor& x, IntegerProductOperands<Value> operands) const {
  const std::int64_t num_inputs = x.size(-1);
  const std::int64_t num_rows = x.numel() / num_inputs;
  const Tensor integers = at::empty({num_rows, num_inputs}, at::kByte);
  std::vector<Quantization> quantizations(static_cast<std::size_t>(num_rows));
  at::parallel_for(0, num_rows, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      quantizations[static_cast<std::size_t>(row)] =
          quantize(values_of<const Value>(x) + row * num_inputs, num_inputs,
                   integers.data_ptr<std::uint8_t>() + row * num_inputs);
    }
  });
  const Tensor sums = add_up(integers, weight_, no_scales_, no_zero_points_);
  const IntegerOutputs outputs = {scales_.const_data_ptr<float>(), bias_.const_data_ptr<float>(),
                                  weight_sums_.const_data_ptr<std::int32_t>()};
  operands.x.quantizations = quantizations.data();
  at::parallel_for(0, num_rows, 1, [&](std::int64_t begin, std::int64_t end) {
    finish_integer_product(sums.const_data_ptr<float>(), num_outputs_, outputs, operands, {begin, end});
  });
}

Tensor TileQuantizedLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  return quantized_product(x, other, num_outputs_, activation_,
                           [&](const Tensor& rows, auto operands) { multiply(rows, operands); });
}

// Asked once a process: the answer is the machine's, and not a model's.
bool adds_up_8_bits() {
  static const bool is_exact = [] {
    const c10::InferenceMode inference;
    try {
      // The largest integers on both sides: sums of their pairs are the first to saturate.
      constexpr std::int64_t kWidth = 64;
      constexpr std::int64_t kSum = kWidth * 127 * 255;
      const Tensor weight = pack_for_tiles(at::ones({kWidth, kWidth}, at::kChar) * 127);
      const Tensor sums = add_up(at::ones({kPaddedOutputs, kWidth}, at::kByte) * 255, weight,
                                 at::ones({kWidth}, at::kFloat), at::zeros({kWidth}, at::kInt));
      return sums.eq(static_cast<double>(kSum)).all().item<bool>();
    } catch (const std::exception&) {
      return false;
    }
  }();
  return is_exact;
}

}  // namespace clipcls
