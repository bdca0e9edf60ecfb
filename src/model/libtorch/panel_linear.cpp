#include "panel_linear.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/round_up.h"

namespace clipcls {
namespace {

using at::Tensor;

ProductActivation product_activation(const LinearActivation& activation) {
  if (activation.name == "relu") return ProductActivation::kRelu;
  if (activation.name == "swish") return ProductActivation::kSilu;
  if (activation.name == "gelu")
    return activation.algorithm == "tanh" ? ProductActivation::kGeluTanh : ProductActivation::kGelu;
  return ProductActivation::kNone;
}

/// Part number `index` of `count` parts that are as equal as can be.
IndexRange part_of(std::int64_t size, std::int64_t index, std::int64_t count) {
  return {size * index / count, size * (index + 1) / count};
}

void multiply(const ProductWeight& weight, const ProductOperands& operands, std::int64_t num_rows) {
  const std::int64_t tile_rows = weight.blocks().tile_rows;
  const std::int64_t max_rows = weight.blocks().max_rows;
  const std::int64_t num_panels = weight.shape().num_panels;
  const std::int64_t num_tiles = divide_up(num_rows, tile_rows);
  const std::int64_t num_threads = at::get_num_threads();
  // Rows are cut as the caches want it, and outputs so that all threads have the same number of tasks.
  const std::int64_t row_parts = divide_up(num_rows, max_rows);
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

}  // namespace

PanelLinear::PanelLinear(std::function<Tensor()> weight, std::optional<Tensor> bias,
                         const LinearActivation& activation)
    : make_weight_(std::move(weight)), bias_(std::move(bias)), activation_(product_activation(activation)) {
  if (bias_) bias_ = bias_->contiguous();
}

void PanelLinear::pack() {
  const Tensor weight = make_weight_().contiguous();
  weight_.emplace(weight.size(0), weight.size(1));
  at::parallel_for(0, weight_->shape().num_panels, 1, [&](std::int64_t begin, std::int64_t end) {
    weight_->pack(weight.const_data_ptr<float>(), {begin, end});
  });
  make_weight_ = nullptr;
}

Tensor PanelLinear::forward(const Tensor& x, const std::optional<Tensor>& other) {
  // Several threads may be the first.
  std::call_once(is_packed_, [this] { pack(); });
  std::vector<std::int64_t> shape = x.sizes().vec();
  shape.back() = weight_->shape().num_outputs;
  Tensor y = at::empty(shape, x.options());
  const Tensor rows = x.contiguous();
  const bool is_fused = other && other->sizes() == y.sizes() && other->scalar_type() == at::kFloat;
  const Tensor added = is_fused ? other->contiguous() : Tensor();
  multiply(*weight_,
           {.x = rows.const_data_ptr<float>(),
            .bias = bias_ ? bias_->const_data_ptr<float>() : nullptr,
            .other = is_fused ? added.const_data_ptr<float>() : nullptr,
            .y = y.data_ptr<float>(),
            .activation = activation_},
           x.numel() / x.size(-1));
  // What is broadcast.
  return other && !is_fused ? y + *other : y;
}

}  // namespace clipcls
