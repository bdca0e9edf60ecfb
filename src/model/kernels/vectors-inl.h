// Vectors of numbers for the kernels, each as wide as a register: the compiler cuts wider ones, and does
// comparisons of them number by number. See processor/for_each_processor-inl.h.
#include <bit>
#include <cstdint>
#include <cstring>

#include "bfloat16.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

constexpr std::int64_t kLanes = CLIPCLS_REGISTER_BYTES / 4;
using Floats = float __attribute__((vector_size(4 * kLanes)));
using Integers = std::int32_t __attribute__((vector_size(4 * kLanes)));

/// value - 0 and not value + 0: the compiler may leave out the former alone, as -0 + 0 is +0.
CLIPCLS_INLINE Floats broadcast(float value) { return value - Floats{}; }

CLIPCLS_INLINE Floats load(const float* from) {
  Floats value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

CLIPCLS_INLINE Floats load(const Bfloat16* from) {
  using Halves = std::uint16_t __attribute__((vector_size(2 * kLanes)));
  Halves halves;
  std::memcpy(&halves, from, sizeof(halves));
  const auto bits = __builtin_convertvector(halves, Integers) << 16;
  Floats value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

CLIPCLS_INLINE void store(float* to, Floats value) { std::memcpy(to, &value, sizeof(value)); }

/// See from_float().
CLIPCLS_INLINE void store(Bfloat16* to, Floats value) {
  using Halves = std::uint16_t __attribute__((vector_size(2 * kLanes)));
  Integers bits;
  std::memcpy(&bits, &value, sizeof(bits));
  bits += 0x7FFF + ((bits >> 16) & 1);
  const Halves halves = __builtin_convertvector((bits >> 16) & 0xFFFF, Halves);
  std::memcpy(to, &halves, sizeof(halves));
}

CLIPCLS_INLINE float to_float(float value) { return value; }
CLIPCLS_INLINE float to_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16);
}

CLIPCLS_INLINE void from_float(float value, float& to) { to = value; }
/// Rounds to nearest even. Features that are not finite are refused behind the encoder: NaN needs no care.
CLIPCLS_INLINE void from_float(float value, Bfloat16& to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  to.bits = static_cast<std::uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
