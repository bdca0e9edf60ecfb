#pragma once

#include <bit>
#include <cstdint>

#include "model/kernels/bfloat16.h"

namespace clipcls {

inline float to_float(float value) { return value; }
inline float to_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

/// Cuts the lower bits off.
inline Bfloat16 to_bfloat16(float value) {
  return {static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16)};
}

}  // namespace clipcls
