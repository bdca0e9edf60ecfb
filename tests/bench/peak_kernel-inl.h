// See processor/for_each_processor-inl.h.
#include <cstdint>
#include <cstring>

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// Multiplies and adds `count` times in each of 12 registers, none of which waits for another: enough for two
/// units with a latency of five. Returns the number of floating-point operations.
std::int64_t multiply_and_add(std::int64_t count, float number, float* sum) {
  using Register = float __attribute__((vector_size(CLIPCLS_REGISTER_BYTES)));
  constexpr int kRegisters = 12;
  Register sums[kRegisters];
  for (int j = 0; j < kRegisters; ++j)
    sums[j] = static_cast<float>(j) - Register{};  // all different: none stands for another
  const Register factor = number - Register{};
  const Register summand = number - Register{};
  for (std::int64_t i = 0; i < count; ++i) {
#pragma GCC unroll 12
    for (int j = 0; j < kRegisters; ++j) sums[j] = sums[j] * factor + summand;
  }
  Register total = {};
  for (int j = 0; j < kRegisters; ++j) total += sums[j];
  *sum = total[0];
  return count * kRegisters * (CLIPCLS_REGISTER_BYTES / 4) * 2;
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
