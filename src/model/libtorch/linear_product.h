#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <vector>

#include "base/round_up.h"
#include "kernels/product_kernel.h"
#include "linear_layer.h"
#include "parallel_loops.h"

namespace clipcls {

ProductActivation product_activation(const LinearActivation& activation);

/// Part number `index` of `count` parts that are as equal as can be.
inline IndexRange part_of(std::int64_t size, std::int64_t index, std::int64_t count) {
  return {size * index / count, size * (index + 1) / count};
}

/// The product by all threads of the call. Weight: ProductWeight, StoredProductWeight or
/// IntegerProductWeight, and its operands.
template <typename Weight, typename Operands>
void multiply_by_threads(const Weight& weight, const Operands& operands, std::int64_t num_rows) {
  const std::int64_t tile_rows = weight.blocks().tile_rows;
  const std::int64_t num_panels = weight.shape().num_panels;
  const std::int64_t num_tiles = divide_up(num_rows, tile_rows);
  const std::int64_t num_threads = at::get_num_threads();
  // Rows are cut as the caches want it, and outputs so that all threads have the same number of tasks.
  const std::int64_t row_parts = divide_up(num_rows, weight.blocks().max_rows);
  const std::int64_t panel_parts = std::min(num_panels, num_threads / std::gcd(row_parts, num_threads));
  at::parallel_for(0, row_parts * panel_parts, 1, [&](std::int64_t begin, std::int64_t end) {
    thread_local std::vector<float> scratch;
    scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(weight.scratch_size())));
    for (std::int64_t task = begin; task < end; ++task) {
      const IndexRange tiles = part_of(num_tiles, task / panel_parts, row_parts);
      const IndexRange rows = {tiles.begin * tile_rows, std::min(tiles.end * tile_rows, num_rows)};
      weight.multiply(operands, rows, part_of(num_panels, task % panel_parts, panel_parts), scratch.data());
    }
  });
}

/// LinearLayer::forward() by multiply(rows, added, y): rows are a contiguous x, y [..., num_outputs] is to be
/// written; `added` is `other`, contiguous, where it is as large as y and of its type, else not defined.
template <typename Multiply>
at::Tensor product_with_other(const at::Tensor& x, const std::optional<at::Tensor>& other,
                              std::int64_t num_outputs, Multiply&& multiply) {
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = num_outputs;
  at::Tensor y = at::empty(shape, x.options());
  const bool is_fused = other && other->sizes() == y.sizes() && other->scalar_type() == y.scalar_type();
  multiply(x.contiguous(), is_fused ? other->contiguous() : at::Tensor(), y);
  // What is broadcast.
  return other && !is_fused ? y + *other : y;
}

/// LinearLayer::forward() in float32. bias: [out_features], contiguous, or none.
template <typename Weight>
at::Tensor linear_product(const Weight& weight, const at::Tensor& x, const std::optional<at::Tensor>& bias,
                          ProductActivation activation, const std::optional<at::Tensor>& other) {
  return product_with_other(x, other, weight.shape().num_outputs,
                            [&](const at::Tensor& rows, const at::Tensor& added, const at::Tensor& y) {
                              const ProductOperands operands = {
                                  .x = rows.const_data_ptr<float>(),
                                  .bias = bias ? bias->const_data_ptr<float>() : nullptr,
                                  .other = added.defined() ? added.const_data_ptr<float>() : nullptr,
                                  .y = y.data_ptr<float>(),
                                  .activation = activation};
                              multiply_by_threads(weight, operands, rows.numel() / rows.size(-1));
                            });
}

}  // namespace clipcls
