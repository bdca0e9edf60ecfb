#pragma once

#include <cstdint>

#include "bfloat16.h"
#include "processor/processor.h"

namespace clipcls {

/// A strided view of [batch, num_heads, length, head_width] numbers; the last dimension has stride 1.
/// Strides count elements.
template <typename Value>
struct HeadsView {
  Value* values = nullptr;
  std::int64_t batch_stride = 0;
  std::int64_t head_stride = 0;
  std::int64_t row_stride = 0;

  Value* row(std::int64_t batch, std::int64_t head, std::int64_t row) const {
    return values + batch * batch_stride + head * head_stride + row * row_stride;
  }
};

struct AttentionSize {
  std::int64_t num_heads = 0;
  std::int64_t num_queries = 0;
  std::int64_t num_keys = 0;
  std::int64_t head_width = 0;
  bool is_causal = false;  ///< query i sees the keys 0 … i + num_keys - num_queries
};

/// How many floats of scratch memory one call of attend() needs.
std::int64_t attention_scratch_size(const AttentionSize& size);

/// softmax(q · kᵀ / sqrt(head_width)) · v of one head of one batch element, computed in float. For the short
/// sequences of CLIP (50 to 257 keys) a head fits the first-level cache, where the library's blocked kernel
/// spends most of its time on set-up: 7 % of ViT-B/32 in bfloat16, and this 2 %.
/// `variant` is one that this processor runs.
void attend(const AttentionSize& size, std::int64_t batch, std::int64_t head, HeadsView<const float> q,
            HeadsView<const float> k, HeadsView<const float> v, HeadsView<float> output, float* scratch,
            KernelVariant variant = this_kernel_variant());
void attend(const AttentionSize& size, std::int64_t batch, std::int64_t head, HeadsView<const Bfloat16> q,
            HeadsView<const Bfloat16> k, HeadsView<const Bfloat16> v, HeadsView<Bfloat16> output,
            float* scratch, KernelVariant variant = this_kernel_variant());

}  // namespace clipcls
