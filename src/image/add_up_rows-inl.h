// The sums of Note [Fixed-point resizing], equal on all processors: sums of integers are equal in any order.
// See processor/for_each_processor-inl.h.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "resize_weights.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

constexpr int kLanes = 16;

// One vector's worth of add_up_rows(): with their number known, the sums stay in registers.
template <int kNumLanes>
CLIPCLS_INLINE void add_up_lanes(const std::uint8_t* input, std::ptrdiff_t stride,
                                 const std::int32_t* weights, int num_taps, std::uint8_t* output) {
  std::int32_t sums[kNumLanes];
  for (std::int32_t& sum : sums) sum = 1 << (kWeightBits - 1);
  for (int k = 0; k < num_taps; ++k, input += stride) {
    for (int i = 0; i < kNumLanes; ++i) sums[i] += weights[k] * input[i];
  }
  for (int i = 0; i < kNumLanes; ++i)
    output[i] = static_cast<std::uint8_t>(std::clamp(sums[i] >> kWeightBits, 0, 255));
}

// output[i], of `size` bytes: the sum over k < num_taps of weights[k] * input[k * stride + i].
void add_up_rows(const std::uint8_t* input, std::ptrdiff_t stride, const std::int32_t* weights, int num_taps,
                 std::ptrdiff_t size, std::uint8_t* output) {
  std::ptrdiff_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    add_up_lanes<kLanes>(input + i, stride, weights, num_taps, output + i);
  for (; i < size; ++i) add_up_lanes<1>(input + i, stride, weights, num_taps, output + i);
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
