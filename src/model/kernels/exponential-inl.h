// A part of a kernel, behind vectors-inl.h. See processor/for_each_processor-inl.h.
#include <bit>
#include <cstdint>
#include <cstring>

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// e^x for x <= 0, relative error below 2e-7: 2^n · e^r with |r| <= ln(2) / 2 and the Taylor series of e^r.
CLIPCLS_INLINE Floats exp_of_negative(Floats x) {
  constexpr float kLog2E = 1.44269504F;
  constexpr float kLn2High = 0.693145752F;  // the upper bits of ln(2): n · kLn2High is exact
  constexpr float kLn2Low = 1.42860677e-6F;
  constexpr float kRound = 12582912.0F;  // 1.5 · 2^23: adding it rounds to an integer
  x = x < -87.0F ? broadcast(-87.0F) : x;
  const Floats rounded = x * kLog2E + kRound;
  const Floats n = rounded - kRound;
  const Floats r = (x - n * kLn2High) - n * kLn2Low;
  Floats p = broadcast(1.0F / 5040);
  p = p * r + 1.0F / 720;
  p = p * r + 1.0F / 120;
  p = p * r + 1.0F / 24;
  p = p * r + 1.0F / 6;
  p = p * r + 0.5F;
  p = p * r + 1.0F;
  p = p * r + 1.0F;
  Integers exponent;
  std::memcpy(&exponent, &rounded, sizeof(exponent));
  exponent = (exponent - std::bit_cast<std::int32_t>(kRound) + 127) << 23;
  Floats scale;
  std::memcpy(&scale, &exponent, sizeof(scale));
  return p * scale;
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
