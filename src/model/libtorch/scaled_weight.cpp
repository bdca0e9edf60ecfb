#include "scaled_weight.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/page_memory.h"

namespace clipcls {
namespace {

using at::Tensor;

/// A tensor in pages of its own.
Tensor empty_in_pages(at::IntArrayRef sizes, at::ScalarType type) {
  const std::size_t num_bytes =
      static_cast<std::size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
  if (num_bytes == 0) return at::empty(sizes, type);
  const auto memory = std::make_shared<PageMemory>(num_bytes);
  return at::from_blob(
      memory->data(), sizes, [memory](void*) {}, type);
}

}  // namespace

Tensor scaled_weight(const Tensor& weight, double factor, const std::optional<Tensor>& row_factors,
                     at::ScalarType type, at::MemoryFormat format) {
  Tensor scaled;
  if (format == at::MemoryFormat::ChannelsLast) {
    scaled = empty_in_pages({weight.size(0), weight.size(2), weight.size(3), weight.size(1)}, type)
                 .permute({0, 3, 1, 2});
  } else {
    scaled = empty_in_pages(weight.sizes(), type);
  }
  constexpr std::int64_t kRows = 128;  // at once, so that little is needed beside the two
  for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
    const std::int64_t count = std::min(kRows, weight.size(0) - row);
    Tensor part = weight.narrow(0, row, count).to(at::kFloat);
    if (factor != 1) part = part * factor;
    if (row_factors) {
      std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
      shape.front() = count;
      part = part * row_factors->narrow(0, row, count).view(shape);
    }
    scaled.narrow(0, row, count).copy_(part);
  }
  return scaled;
}

}  // namespace clipcls
