#include "scaled_weight.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <vector>

namespace clipcls {
namespace {

using torch::Tensor;

/// A tensor in pages of its own.
Tensor empty_in_pages(torch::IntArrayRef sizes, torch::ScalarType type) {
  const std::size_t num_bytes =
      static_cast<std::size_t>(c10::multiply_integers(sizes)) * torch::elementSize(type);
  if (num_bytes == 0) return torch::empty(sizes, type);
  void* const memory = mmap(nullptr, num_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return torch::from_blob(
      memory, sizes, [num_bytes](void* data) { munmap(data, num_bytes); }, type);
}

}  // namespace

Tensor scaled_weight(const Tensor& weight, double factor, const std::optional<Tensor>& row_factors,
                     torch::ScalarType type, torch::MemoryFormat format) {
  Tensor scaled;
  if (format == torch::MemoryFormat::ChannelsLast) {
    scaled = empty_in_pages({weight.size(0), weight.size(2), weight.size(3), weight.size(1)}, type)
                 .permute({0, 3, 1, 2});
  } else {
    scaled = empty_in_pages(weight.sizes(), type);
  }
  constexpr std::int64_t kRows = 128;  // at once, so that little is needed beside the two
  for (std::int64_t row = 0; row < weight.size(0); row += kRows) {
    const std::int64_t count = std::min(kRows, weight.size(0) - row);
    Tensor part = weight.narrow(0, row, count).to(torch::kFloat);
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
