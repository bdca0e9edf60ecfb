#pragma once

#include <cstdint>

#include "bfloat16.h"

namespace clipcls {

/// value = scale · (quantized - zero_point), quantized in 0 … 255.
struct Quantization {
  float scale = 1;
  std::int32_t zero_point = 0;
};

/// Quantises `count` numbers to 8 bits; the range is theirs, widened to hold zero.
Quantization quantize(const float* values, std::int64_t count, std::uint8_t* quantized);
Quantization quantize(const Bfloat16* values, std::int64_t count, std::uint8_t* quantized);

}  // namespace clipcls
