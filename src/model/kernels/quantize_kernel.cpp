#include "quantize_kernel.h"

#include <algorithm>
#include <cmath>

#include "vectors.h"

namespace clipcls {
namespace {

template <typename Value>
struct FindRange {
  static CLIPCLS_INLINE void run(const Value* values, std::int64_t count, float* lowest, float* highest) {
    Floats low = {};
    Floats high = {};
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      const Floats value = load(values + i);
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    *lowest = 0;
    *highest = 0;
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      *lowest = low[lane] < *lowest ? low[lane] : *lowest;
      *highest = high[lane] > *highest ? high[lane] : *highest;
    }
    for (; i < count; ++i) {
      const float value = to_float(values[i]);
      *lowest = value < *lowest ? value : *lowest;
      *highest = value > *highest ? value : *highest;
    }
  }
};

template <typename Value>
struct Quantize {
  static CLIPCLS_INLINE void run(const Value* values, std::int64_t count, float factor, float zero_point,
                                 std::uint8_t* quantized) {
    // Adding 1.5 · 2^23 rounds to an integer, to even at ties, and leaves it in the low bits.
    constexpr float kRound = 12582912.0F;
    std::int64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
      using Bytes = std::uint8_t __attribute__((vector_size(kLanes)));
      Floats scaled = load(values + i) * factor + zero_point;
      scaled =
          scaled < 0.0F ? broadcast(0.0F) : scaled;  // rounding of zero_point and factor leaves the range
      scaled = scaled > 255.0F ? broadcast(255.0F) : scaled;
      const Floats rounded = scaled + kRound;
      Integers bits;
      std::memcpy(&bits, &rounded, sizeof(bits));
      const Bytes bytes = __builtin_convertvector(bits & 0xFF, Bytes);
      std::memcpy(quantized + i, &bytes, sizeof(bytes));
    }
    for (; i < count; ++i) {
      const float scaled = std::clamp(to_float(values[i]) * factor + zero_point, 0.0F, 255.0F);
      quantized[i] = static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(scaled + kRound) & 0xFF);
    }
  }
};

template <typename Value>
Quantization quantize_values(const Value* values, std::int64_t count, std::uint8_t* quantized) {
  float lowest = 0;
  float highest = 0;
  run_on_this_processor<FindRange<Value>>(values, count, &lowest, &highest);
  Quantization result;
  // A range of nothing but zeros has any scale; an infinite one gives NaN, which the encoder's check refuses.
  result.scale = highest > lowest ? (highest - lowest) / 255.0F : 1.0F;
  result.zero_point =
      static_cast<std::int32_t>(std::clamp(std::nearbyint(-lowest / result.scale), 0.0F, 255.0F));
  const float factor = 1.0F / result.scale;
  run_on_this_processor<Quantize<Value>>(values, count, factor, static_cast<float>(result.zero_point),
                                         quantized);
  return result;
}

}  // namespace

Quantization quantize(const float* values, std::int64_t count, std::uint8_t* quantized) {
  return quantize_values(values, count, quantized);
}

Quantization quantize(const Bfloat16* values, std::int64_t count, std::uint8_t* quantized) {
  return quantize_values(values, count, quantized);
}

}  // namespace clipcls
