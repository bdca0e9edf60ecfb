#pragma once

#include "attention_kernel.h"

namespace clipcls {

/// Whether attend_bfloat16() takes heads of that width.
bool takes_bfloat16_attention(const AttentionSize& size);

/// For KernelVariant::kAvx512Bf16: attend() whose products take pairs of bfloat16 and add up in float: half
/// as many as in float. The weights of the values are rounded to bfloat16, as in every such kernel.
void attend_bfloat16(const AttentionSize& size, std::int64_t batch, std::int64_t head,
                     HeadsView<const Bfloat16> q, HeadsView<const Bfloat16> k, HeadsView<const Bfloat16> v,
                     HeadsView<Bfloat16> output, float* scratch);

}  // namespace clipcls
