#include "library_arithmetic.h"

#include <ATen/ops/arange.h>
#include <c10/core/InferenceMode.h>
#include <cmath>
#include <exception>

#include "error_reason.h"
#include "fast_linear.h"

namespace clipcls {
namespace {

using at::Tensor;

// As many rows as oneDNN's kernels for many take, and whole blocks of columns.
constexpr std::int64_t kRows = 16;
constexpr std::int64_t kWidth = 64;

std::string try_packed(at::ScalarType type) {
  const c10::InferenceMode inference;
  try {
    // Small integers: their products and sums are exact in each type.
    const Tensor numbers = at::arange(kRows * kWidth).reshape({kRows, kWidth}).remainder(3).to(at::kFloat);
    const Tensor weight = at::arange(kWidth * kWidth).reshape({kWidth, kWidth}).remainder(2).to(at::kFloat);
    const auto layer = make_fast_linear([&] { return weight.to(type); }, std::nullopt, {}, type);
    const Tensor product = layer->forward(numbers.to(type), std::nullopt).to(at::kFloat);
    if (product.equal(numbers.matmul(weight.t()))) return {};
    return "a product of small integers is wrong";
  } catch (const std::exception& error) {
    return reason(error);
  }
}

}  // namespace

// Asked once a process: the answer is the machine's, and not a model's.
const std::string& why_not_packed(at::ScalarType type) {
  static const std::string in_float = try_packed(at::kFloat);
  if (type != at::kBFloat16) return in_float;
  static const std::string in_bfloat16 = try_packed(at::kBFloat16);
  return in_bfloat16;
}

Computation plan_on_this_machine(const LoadOptions& options) {
  if (!options.gpus.empty()) return plan_computation(options.precision, true, true);
  const bool is_short = options.precision == Precision::kBfloat16 || options.precision == Precision::kInt8;
  // What the processor says it has, and what the library then really computes: both are asked, since builds
  // of libtorch differ.
  const bool has_short_numbers =
      is_short && has_bfloat16(this_processor()) && why_not_packed(at::kBFloat16).empty();
  return plan_computation(options.precision, has_short_numbers, has_vnni(this_kernel_variant()));
}

at::ScalarType activation_type(const Computation& computation) {
  switch (computation.activations) {
    case Precision::kBfloat16:
      return at::kBFloat16;
    case Precision::kFloat16:
      return at::kHalf;
    default:
      return at::kFloat;
  }
}

}  // namespace clipcls
