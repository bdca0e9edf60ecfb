#include "quantize_kernel.h"

#include <algorithm>
#include <cmath>
#include <limits>

#define CLIPCLS_KERNEL "model/kernels/quantize_kernel-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

template <typename Value>
Quantization quantize_values(const Value* values, std::int64_t count, std::uint8_t* quantized,
                             KernelVariant variant) {
  // From zero, so that zero is within the range and has an integer of its own: paddings stay exactly zero.
  float lowest = 0;
  float highest = 0;
  const bool is_finite = CLIPCLS_FUNCTION_FOR(variant, find_range<Value>)(values, count, &lowest, &highest);
  Quantization result;
  if (!is_finite) {
    std::fill_n(quantized, count, std::uint8_t{0});
    result.scale = std::numeric_limits<float>::quiet_NaN();
    return result;
  }
  // A range of nothing but zeros has any scale above zero.
  result.scale = std::max((highest - lowest) / 255.0F, std::numeric_limits<float>::min());
  result.zero_point =
      static_cast<std::int32_t>(std::clamp(std::nearbyint(-lowest / result.scale), 0.0F, 255.0F));
  const float factor = 1.0F / result.scale;
  CLIPCLS_FUNCTION_FOR(variant, quantize<Value>)
  (values, count, factor, static_cast<float>(result.zero_point), quantized);
  return result;
}

}  // namespace

Quantization quantize(const float* values, std::int64_t count, std::uint8_t* quantized,
                      KernelVariant variant) {
  return quantize_values(values, count, quantized, variant);
}

Quantization quantize(const Bfloat16* values, std::int64_t count, std::uint8_t* quantized,
                      KernelVariant variant) {
  return quantize_values(values, count, quantized, variant);
}

}  // namespace clipcls
