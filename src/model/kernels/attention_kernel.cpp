#include "attention_kernel.h"

#include "base/round_up.h"

#define CLIPCLS_KERNEL "model/kernels/attention_kernel-inl.h"
#define CLIPCLS_BFLOAT16_KERNEL "model/kernels/attention_bfloat16-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

constexpr std::int64_t kMostLanes = 16;
constexpr std::int64_t kMostRows = 6;  // of a tile
static_assert(any_processor::kRows <= kMostRows);
#if defined(__x86_64__)
static_assert(avx2::kRows <= kMostRows && avx512::kRows <= kMostRows && avx512_bfloat16::kRows <= kMostRows);
#endif

}  // namespace

std::int64_t attention_scratch_size(const AttentionSize& size) {
  // Rows of whole vectors, of the widest.
  const std::int64_t keys = round_up(size.num_keys, kMostLanes);
  const std::int64_t width = round_up(size.head_width, kMostLanes);
  // The keys transposed, the values, and for each query row of a tile the query, its scores and its output.
  return size.head_width * keys + size.num_keys * width + kMostRows * (size.head_width + keys + width);
}

void attend(const AttentionSize& size, std::int64_t batch, std::int64_t head, HeadsView<const float> q,
            HeadsView<const float> k, HeadsView<const float> v, HeadsView<float> output, float* scratch,
            KernelVariant variant) {
  CLIPCLS_FUNCTION_FOR(variant, attend_head<float>)
  (size, batch, head, q, k, v, output, scratch);
}

void attend(const AttentionSize& size, std::int64_t batch, std::int64_t head, HeadsView<const Bfloat16> q,
            HeadsView<const Bfloat16> k, HeadsView<const Bfloat16> v, HeadsView<Bfloat16> output,
            float* scratch, KernelVariant variant) {
#if defined(__x86_64__)
  // Products of bfloat16 pairs work on whole vectors of a head; other widths take the common kernel in
  // float.
  if (variant == KernelVariant::kAvx512Bf16 && size.head_width % kMostLanes == 0)
    return avx512_bfloat16::attend_pairs(size, batch, head, q, k, v, output, scratch);
#endif
  CLIPCLS_FUNCTION_FOR(variant, attend_head<Bfloat16>)
  (size, batch, head, q, k, v, output, scratch);
}

}  // namespace clipcls
