#include "library_arithmetic.h"

#include <cmath>
#include <exception>

#include "error_reason.h"
#include "packed_linear.h"
#include "quantized_linear.h"

namespace clipcls {
namespace {

using torch::Tensor;

// As many rows as oneDNN's kernels for many take, and whole blocks of columns.
constexpr std::int64_t kRows = 16;
constexpr std::int64_t kWidth = 64;

std::string try_packed(torch::ScalarType type) {
  const torch::InferenceMode inference;
  try {
    // Small integers: their products and sums are exact in each type.
    const Tensor numbers =
        torch::arange(kRows * kWidth).reshape({kRows, kWidth}).remainder(3).to(torch::kFloat);
    const Tensor weight =
        torch::arange(kWidth * kWidth).reshape({kWidth, kWidth}).remainder(2).to(torch::kFloat);
    PackedLinear layer([&] { return weight.to(type); }, std::nullopt, {});
    const Tensor product = layer.forward(numbers.to(type), std::nullopt).to(torch::kFloat);
    if (product.equal(numbers.matmul(weight.t()))) return {};
    return "a product of small integers is wrong";
  } catch (const std::exception& error) {
    return reason(error);
  }
}

}  // namespace

// Asked once a process: the answer is the machine's, and not a model's.
const std::string& why_not_packed(torch::ScalarType type) {
  static const std::string in_float = try_packed(torch::kFloat);
  if (type != torch::kBFloat16) return in_float;
  static const std::string in_bfloat16 = try_packed(torch::kBFloat16);
  return in_bfloat16;
}

bool adds_up_8_bits() {
  static const bool is_exact = [] {
    const torch::InferenceMode inference;
    try {
      // Ones are quantised to the largest integers on both sides, whose sums of pairs are the first to
      // saturate.
      QuantizedLinear layer(torch::ones({kWidth, kWidth}), std::nullopt, {}, 8);
      const Tensor product = layer.forward(torch::ones({kRows, kWidth}), std::nullopt);
      constexpr double kTolerance = 0.01;
      return product.sub(static_cast<double>(kWidth)).abs().max().item<double>() < kTolerance * kWidth;
    } catch (const std::exception&) {
      return false;
    }
  }();
  return is_exact;
}

Computation plan_on_this_machine(const LoadOptions& options) {
  if (!options.gpus.empty()) return plan_computation(options.precision, true, true);
  const bool is_short = options.precision == Precision::kBfloat16 || options.precision == Precision::kInt8;
  // What the processor says it has, and what the library then really computes: both are asked, since builds
  // of libtorch differ.
  const bool has_short_numbers =
      is_short && has_bfloat16(this_processor()) && why_not_packed(torch::kBFloat16).empty();
  const bool has_integers =
      options.precision == Precision::kInt8 && has_vnni(this_processor()) && adds_up_8_bits();
  return plan_computation(options.precision, has_short_numbers, has_integers);
}

torch::ScalarType activation_type(const Computation& computation) {
  switch (computation.activations) {
    case Precision::kBfloat16:
      return torch::kBFloat16;
    case Precision::kFloat16:
      return torch::kHalf;
    default:
      return torch::kFloat;
  }
}

}  // namespace clipcls
