#include "product_kernel.h"

#include <algorithm>

#include "base/round_up.h"

#define CLIPCLS_KERNEL "model/kernels/product_kernel-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
ProductWeight::ProductWeight(std::int64_t num_outputs, std::int64_t num_inputs, KernelVariant variant)
    : variant_(variant),
      blocks_(CLIPCLS_FUNCTION_FOR(variant, product_blocks)()),
      shape_{num_outputs, num_inputs} {
  const std::int64_t padded_outputs = round_up(num_outputs, blocks_.panel_width);
  shape_.num_panels = padded_outputs / blocks_.panel_width;
  const std::int64_t num_floats = padded_outputs * round_up(num_inputs, blocks_.chunk);
  panels_ = PageMemory(static_cast<std::size_t>(num_floats) * sizeof(float));
}

void ProductWeight::pack(const float* weight, IndexRange panels) {
  CLIPCLS_FUNCTION_FOR(variant_, pack_panels)(shape_, weight, panels, static_cast<float*>(panels_.data()));
}

std::int64_t ProductWeight::scratch_size() const {
  return blocks_.max_rows * std::min(blocks_.depth, round_up(shape_.num_inputs, blocks_.chunk));
}

void ProductWeight::multiply(const ProductOperands& operands, IndexRange rows, IndexRange panels,
                             float* scratch) const {
  CLIPCLS_FUNCTION_FOR(variant_, multiply_panels)
  (shape_, {.packed = static_cast<const float*>(panels_.data())}, operands, rows, panels, scratch);
}

StoredProductWeight::StoredProductWeight(const float* values, std::int64_t num_outputs,
                                         std::int64_t num_inputs, float factor, KernelVariant variant)
    : variant_(variant),
      blocks_(CLIPCLS_FUNCTION_FOR(variant, product_blocks)()),
      shape_{num_outputs, num_inputs, divide_up(num_outputs, blocks_.panel_width)},
      values_(values),
      factor_(factor) {}

std::int64_t StoredProductWeight::scratch_size() const {
  return blocks_.depth * (blocks_.panel_width + blocks_.max_rows);
}

void StoredProductWeight::multiply(const ProductOperands& operands, IndexRange rows, IndexRange panels,
                                   float* scratch) const {
  CLIPCLS_FUNCTION_FOR(variant_, multiply_panels)
  (shape_, {.stored = values_, .factor = factor_}, operands, rows, panels, scratch);
}

}  // namespace clipcls
