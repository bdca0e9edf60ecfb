#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.h"
#include "processor/processor.h"

namespace clipcls {

/// How many partial sums make up a product, see Note [Same bits].
inline constexpr std::size_t kNumLanes = 8;

/// Rows of floats, widened to doubles and padded with zeros to whole lanes: what dot_products() reads.
class DoubleRows {
 public:
  /// `values`: [rows, cols]
  DoubleRows(std::span<const float> values, std::size_t rows, std::size_t cols);

  std::size_t rows() const { return rows_; }
  std::size_t stride() const { return stride_; }
  const double* row(std::size_t index) const { return values_.data() + index * stride_; }

 private:
  std::size_t rows_;
  std::size_t stride_;  ///< doubles from one row to the next
  std::vector<double> values_;
};

/// products [a.rows, b.rows]: the dot product of each row of `a` with each of `b`. Both have equal strides.
///
/// Note [Same bits]. The product of two floats is exact in double, and each sum is made in one order: eight
/// partial sums over every eighth column, then these by a fixed tree. So a product is the same to the last
/// bit whatever the processor, with fused multiply-add or without, and however many rows are given at once.
/// `variant` is one that this processor runs.
void dot_products(const DoubleRows& a, const DoubleRows& b, std::span<double> products,
                  KernelVariant variant = this_kernel_variant());

}  // namespace clipcls
