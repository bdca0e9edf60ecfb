#include "dot_products.h"

#include <algorithm>

#define CLIPCLS_KERNEL "zero_shot/dot_products-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {

DoubleRows::DoubleRows(std::span<const float> values, std::size_t rows, std::size_t cols)
    // Rows end at a whole lane, with zeros, so that the kernels need no code for a remainder.
    : rows_(rows), stride_((cols + kNumLanes - 1) / kNumLanes * kNumLanes), values_(rows * stride_) {
  for (std::size_t row = 0; row < rows; ++row)
    std::ranges::copy(values.subspan(row * cols, cols),
                      values_.begin() + static_cast<std::ptrdiff_t>(row * stride_));
}

void dot_products(const DoubleRows& a, const DoubleRows& b, std::span<double> products,
                  KernelVariant variant) {
  CLIPCLS_FUNCTION_FOR(variant, multiply)(a, b, products.data());
}

}  // namespace clipcls
