#pragma once

#include <cstdint>

#include "bfloat16.h"
#include "processor/processor.h"

namespace clipcls {

/// value = scale · (quantized - zero_point), quantized in 0 … 255.
struct Quantization {
  float scale = 1;
  std::int32_t zero_point = 0;
};

/// Quantises `count` numbers to 8 bits; the range is theirs, widened to hold zero. Where a number is not
/// finite, the scale is NaN, so that it is not lost.
/// `variant` is one that this processor runs.
Quantization quantize(const float* values, std::int64_t count, std::uint8_t* quantized,
                      KernelVariant variant = this_kernel_variant());
Quantization quantize(const Bfloat16* values, std::int64_t count, std::uint8_t* quantized,
                      KernelVariant variant = this_kernel_variant());

}  // namespace clipcls
