#pragma once

#include <ATen/core/Tensor.h>
#include <optional>

namespace clipcls {

/// scaled_dot_product_attention of q [batch, num_heads, num_queries, head_width] and k, v [batch, num_heads,
/// num_keys, head_width]; mask: bool, True where a query may look. On the processor by our own kernel where
/// it knows the mask: none, that of is_causal, one that lets query i see the keys 0 … i + num_keys -
/// num_queries, or one that lets each batch element's only query see its first keys. The output has q's
/// shape, and lies in memory as [batch, num_queries, num_heads, head_width]: the projection behind it reads
/// it so.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const std::optional<at::Tensor>& mask, bool is_causal);

/// The same by libtorch.
at::Tensor library_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             const std::optional<at::Tensor>& mask, bool is_causal);

/// Either of the two.
using Attention = at::Tensor (*)(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 const std::optional<at::Tensor>& mask, bool is_causal);

}  // namespace clipcls
