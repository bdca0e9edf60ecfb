// Quantisation to 8 bits. See processor/for_each_processor-inl.h.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "vectors-inl.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// The range of the values and zero. Returns whether all are finite.
template <typename Value>
bool find_range(const Value* values, std::int64_t count, float* lowest, float* highest) {
  // Several at a time, since each comparison waits for the one before it.
  constexpr std::int64_t kChains = 4;
  Floats low[kChains] = {};
  Floats high[kChains] = {};
  Floats zeros[kChains] = {};  // NaN where a value is not finite; comparisons do not see it
  std::int64_t i = 0;
  for (; i + kChains * kLanes <= count; i += kChains * kLanes) {
    CLIPCLS_UNROLL
    for (std::int64_t chain = 0; chain < kChains; ++chain) {
      const Floats value = load(values + i + chain * kLanes);
      low[chain] = value < low[chain] ? value : low[chain];
      high[chain] = value > high[chain] ? value : high[chain];
      zeros[chain] += value * 0.0F;
    }
  }
  for (std::int64_t chain = 1; chain < kChains; ++chain) {
    low[0] = low[chain] < low[0] ? low[chain] : low[0];
    high[0] = high[chain] > high[0] ? high[chain] : high[0];
    zeros[0] += zeros[chain];
  }
  float zero = 0;
  *lowest = 0;
  *highest = 0;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    *lowest = std::min(*lowest, low[0][lane]);
    *highest = std::max(*highest, high[0][lane]);
    zero += zeros[0][lane];
  }
  for (; i < count; ++i) {
    const float value = to_float(values[i]);
    *lowest = std::min(*lowest, value);
    *highest = std::max(*highest, value);
    zero += value * 0.0F;
  }
  return zero == 0.0F;
}

constexpr std::int64_t kBytes = 4 * kLanes;  // of a register
using Bytes = std::uint8_t __attribute__((vector_size(kBytes)));

/// Integers of 0 to 255. By way of 16 bits, from two registers to one: for the whole way in one step the
/// compiler takes each number out of its register.
CLIPCLS_INLINE Bytes to_bytes(const Integers (&whole)[4]) {
  using Halves = std::int16_t __attribute__((vector_size(kBytes)));
  using IntegerPair = std::int32_t __attribute__((vector_size(2 * kBytes)));
  using HalvesPair = std::int16_t __attribute__((vector_size(2 * kBytes)));
  Halves halves[2];
  CLIPCLS_UNROLL
  for (std::int64_t i = 0; i < 2; ++i) {
    IntegerPair pair;
    std::memcpy(&pair, &whole[2 * i], sizeof(pair));
    halves[i] = __builtin_convertvector(pair, Halves);
  }
  HalvesPair all;
  std::memcpy(&all, halves, sizeof(all));
  return __builtin_convertvector(all, Bytes);
}

template <typename Value>
void quantize(const Value* values, std::int64_t count, float factor, float zero_point,
              std::uint8_t* quantized) {
  // Adding 1.5 · 2^23 rounds to an integer, to even at ties, and leaves it in the low bits.
  constexpr float kRound = 12582912.0F;
  std::int64_t i = 0;
  for (; i + kBytes <= count; i += kBytes) {
    Integers whole[4];
    CLIPCLS_UNROLL
    for (std::int64_t part = 0; part < 4; ++part) {
      Floats scaled = load(values + i + part * kLanes) * factor + zero_point;
      // Rounding of zero_point and factor leaves the range.
      scaled = scaled < 0.0F ? broadcast(0.0F) : scaled;
      scaled = scaled > 255.0F ? broadcast(255.0F) : scaled;
      const Floats rounded = scaled + kRound;
      std::memcpy(&whole[part], &rounded, sizeof(rounded));
      whole[part] &= 0xFF;
    }
    const Bytes bytes = to_bytes(whole);
    std::memcpy(quantized + i, &bytes, sizeof(bytes));
  }
  for (; i < count; ++i) {
    const float scaled = std::clamp(to_float(values[i]) * factor + zero_point, 0.0F, 255.0F);
    quantized[i] = static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(scaled + kRound) & 0xFF);
  }
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
