#include "quantized_linear.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "base/round_up.h"
#include "parallel_loops.h"
#include "quantized_product.h"

namespace clipcls {
namespace {

using at::Tensor;

/// Quantises x and multiplies it, by all threads of the call. x: [..., in_features], contiguous.
template <typename Value>
void multiply_rows(const IntegerProductWeight& weight, const Tensor& x,
                   IntegerProductOperands<Value> operands) {
  const std::int64_t num_rows = x.numel() / x.size(-1);
  const Tensor values = at::empty({weight.num_bytes_of(num_rows)}, at::kByte);
  std::vector<Quantization> quantizations(static_cast<std::size_t>(num_rows));
  operands.x = {values.data_ptr<std::uint8_t>(), quantizations.data()};
  const std::int64_t num_tiles = divide_up(num_rows, weight.blocks().tile_rows);
  at::parallel_for(0, num_tiles, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local std::vector<std::uint8_t> scratch;
    scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(x.size(-1))));
    weight.quantize_tiles(values_of<const Value>(x), num_rows, {begin, end}, scratch.data(), operands.x);
  });
  multiply_by_threads(weight, operands, num_rows);
}

}  // namespace

// A few rows at once: freed memory is kept for the pictures, and whole weights in float32 that come and go
// among the packed ones, which stay, left holes of up to 240 MB.
QuantizedWeight quantize_weight(const Tensor& weight, int weight_bits) {
  const auto max_weight = static_cast<float>((1 << (weight_bits - 1)) - 1);
  QuantizedWeight quantized = {at::empty(weight.sizes(), at::kChar), at::empty({weight.size(0)}, at::kFloat)};
  constexpr std::int64_t kRows = 64;
  for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
    const std::int64_t count = std::min(kRows, weight.size(0) - row);
    const Tensor values = weight.narrow(0, row, count).to(at::kFloat);
    // A row of zeros has a scale above zero, too, as it is divided by.
    const Tensor scale = (values.abs().amax(1) / max_weight).clamp_min(std::numeric_limits<float>::min());
    quantized.integers.narrow(0, row, count)
        .copy_((values / scale.unsqueeze(1)).round_().clamp_(-max_weight, max_weight));
    quantized.scales.narrow(0, row, count).copy_(scale);
  }
  return quantized;
}

QuantizedLinear::QuantizedLinear(const Tensor& weight, const std::optional<Tensor>& bias,
                                 const LinearActivation& activation, int weight_bits)
    : weight_(weight.size(0), weight.size(1)), activation_(product_activation(activation)) {
  const auto [integers, scales] = quantize_weight(weight, weight_bits);
  const Tensor added = bias ? bias->to(at::kFloat).contiguous() : Tensor();
  const auto* const values = integers.const_data_ptr<std::int8_t>();
  const auto* const scale = scales.const_data_ptr<float>();
  const float* const summand = bias ? added.const_data_ptr<float>() : nullptr;
  at::parallel_for(0, weight_.shape().num_panels, 1, [&](std::int64_t begin, std::int64_t end) {
    weight_.pack(values, scale, summand, {begin, end});
  });
}

Tensor QuantizedLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  return quantized_product(
      x, other, weight_.shape().num_outputs, activation_,
      [&](const Tensor& rows, auto operands) { multiply_rows(weight_, rows, operands); });
}

}  // namespace clipcls
