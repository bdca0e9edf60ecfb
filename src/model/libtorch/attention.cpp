#include "attention.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include <vector>

#include "kernels/attention_kernel.h"
#include "parallel_loops.h"

namespace clipcls {
namespace {

using at::Tensor;

/// Which keys the queries see.
struct SeenKeys {
  bool is_known = true;
  bool is_causal = false;                   ///< query i sees the keys 0 … i + num_keys - num_queries
  std::vector<std::int64_t> num_keys = {};  ///< that a batch element's queries see; empty: all
};

/// `row` is True in front and False behind; returns how many are True, or -1 where it is not so.
std::int64_t count_leading(const bool* row, std::int64_t size) {
  std::int64_t count = 0;
  while (count < size && row[count]) ++count;
  for (std::int64_t i = count; i < size; ++i) {
    if (row[i]) return -1;
  }
  return count;
}

/// mask: [num_queries, num_keys] or [batch, 1, 1, num_keys], contiguous.
SeenKeys read_mask(const Tensor& mask, const AttentionSize& size, std::int64_t batch) {
  SeenKeys unknown = {.is_known = false};
  // A mask of floats is added to the scores and may hold anything.
  if (mask.scalar_type() != at::kBool || !mask.is_contiguous() || mask.size(-1) != size.num_keys)
    return unknown;
  const bool* values = mask.const_data_ptr<bool>();
  // The causal mask, perhaps without the rows of a shared prefix: its last query sees all keys.
  if (mask.dim() == 2 && mask.size(0) == size.num_queries) {
    for (std::int64_t i = 0; i < size.num_queries; ++i) {
      const std::int64_t seen = size.num_keys - size.num_queries + i + 1;
      // No key at all: the library knows what to do.
      if (seen < 1 || count_leading(values + i * size.num_keys, size.num_keys) != seen) return unknown;
    }
    return {.is_causal = true};
  }
  // A mask for padding: each text sees its own first keys.
  if (mask.dim() != 4 || mask.size(0) != batch || mask.size(1) != 1 || mask.size(2) != 1) return unknown;
  SeenKeys seen;
  for (std::int64_t i = 0; i < batch; ++i) {
    seen.num_keys.push_back(count_leading(values + i * size.num_keys, size.num_keys));
    // The same, or no such mask.
    if (seen.num_keys.back() < 1) return unknown;
  }
  return seen;
}

template <typename Stored>
HeadsView<Stored> view(const Tensor& tensor) {
  return {static_cast<Stored*>(tensor.data_ptr()), tensor.stride(0), tensor.stride(1), tensor.stride(2)};
}

template <typename Stored>
void attend_all(const AttentionSize& size, const SeenKeys& seen, const Tensor& q, const Tensor& k,
                const Tensor& v, const Tensor& output) {
  // At least four heads for each thread.
  at::parallel_for(0, q.size(0) * size.num_heads, 4, [&](std::int64_t begin, std::int64_t end) {
    // For each thread one, used for all of its heads.
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_size(size)));
    AttentionSize own = size;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t batch = i / size.num_heads;
      if (!seen.num_keys.empty()) own.num_keys = seen.num_keys[static_cast<std::size_t>(batch)];
      attend(own, batch, i % size.num_heads, view<const Stored>(q), view<const Stored>(k),
             view<const Stored>(v), view<Stored>(output), scratch.data());
    }
  });
}

}  // namespace

Tensor library_attention(const Tensor& q, const Tensor& k, const Tensor& v, const std::optional<Tensor>& mask,
                         bool is_causal) {
  return at::scaled_dot_product_attention(q, k, v, mask, 0.0, is_causal);
}

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const std::optional<Tensor>& mask,
                 bool is_causal) {
  // What the kernel's views can say: any strides, as long as the numbers of one head and position are
  // neighbours.
  const auto is_known = [&](const Tensor& x) {
    return x.dim() == 4 && x.stride(3) == 1 && x.scalar_type() == q.scalar_type() && x.size(0) == q.size(0) &&
           x.size(1) == q.size(1) && x.size(3) == q.size(3);
  };
  const auto type = q.scalar_type();
  const bool has_known_shapes = q.device().is_cpu() && is_known(q) && is_known(k) && is_known(v) &&
                                k.size(2) == v.size(2) && k.size(2) > 0 &&
                                (!is_causal || (!mask && q.size(2) == k.size(2))) &&
                                (type == at::kFloat || type == at::kBFloat16);
  SeenKeys seen = {.is_known = has_known_shapes, .is_causal = is_causal};
  AttentionSize size;
  if (has_known_shapes) {
    size = {q.size(1), q.size(2), k.size(2), q.size(3), is_causal};
    if (mask) seen = read_mask(*mask, size, q.size(0));
  }
  if (!seen.is_known) return library_attention(q, k, v, mask, is_causal);
  size.is_causal = seen.is_causal;
  // Stored as [batch, queries, heads, width], so that joining the heads behind it needs no copy.
  Tensor output = at::empty({q.size(0), q.size(2), q.size(1), q.size(3)}, q.options()).transpose(1, 2);
  if (type == at::kFloat) {
    attend_all<float>(size, seen, q, k, v, output);
  } else {
    attend_all<Bfloat16>(size, seen, q, k, v, output);
  }
  return output;
}

}  // namespace clipcls
