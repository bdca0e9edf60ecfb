#pragma once

#include <cstdint>

#include "base/page_memory.h"
#include "processor/processor.h"
#include "product_activation.h"

namespace clipcls {

/// x · weightᵀ and what becomes of it: y = activation(x · weightᵀ + bias + other).
struct ProductOperands {
  const float* x = nullptr;      ///< [num_rows, num_inputs], contiguous
  const float* bias = nullptr;   ///< [num_outputs], or none
  const float* other = nullptr;  ///< [num_rows, num_outputs], contiguous, or none
  float* y = nullptr;            ///< [num_rows, num_outputs], contiguous; not x, may be `other`
  ProductActivation activation = ProductActivation::kNone;
};

/// Indices from `begin` to before `end`.
struct IndexRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct ProductShape {
  std::int64_t num_outputs = 0;
  std::int64_t num_inputs = 0;
  std::int64_t num_panels = 0;  ///< of neighbouring outputs
};

/// How a product is cut on a processor.
struct ProductBlocks {
  std::int64_t panel_width = 0;  ///< outputs of a panel
  std::int64_t tile_rows = 0;    ///< rows whose sums are in registers at once
  std::int64_t max_rows = 0;     ///< rows that are multiplied at once, at most; a multiple of tile_rows
  std::int64_t depth = 0;        ///< inputs that are added up at once
  std::int64_t chunk = 0;        ///< the last of them are filled up to a multiple of it
};

/// A weight in memory, for the kernel.
struct WeightOrder {
  const float* packed = nullptr;
  const float* stored = nullptr;  ///< [num_outputs, num_inputs], where it is not packed
  float factor = 1;               ///< of the stored one
};

/// A weight of float32 in the order in which it is multiplied: in panels of neighbouring outputs. Its memory
/// is written panel by panel, and read by any number of threads at once.
///
/// A row of y does not depend on the rows beside it, to the last bit.
class ProductWeight {
 public:
  /// `variant` is one that this processor runs. Throws std::bad_alloc.
  ProductWeight(std::int64_t num_outputs, std::int64_t num_inputs,
                KernelVariant variant = this_kernel_variant());

  const ProductShape& shape() const { return shape_; }
  const ProductBlocks& blocks() const { return blocks_; }

  /// Takes the panels' part of the weight. weight: [num_outputs, num_inputs], contiguous.
  void pack(const float* weight, IndexRange panels);

  /// Floats that multiply() needs beside its operands.
  std::int64_t scratch_size() const;
  /// Computes the panels' outputs of at most blocks().max_rows rows. All panels have been packed.
  void multiply(const ProductOperands& operands, IndexRange rows, IndexRange panels, float* scratch) const;

 private:
  KernelVariant variant_;
  ProductBlocks blocks_;
  ProductShape shape_;
  PageMemory panels_;
};

/// A weight of float32 as a checkpoint has it. Each panel is packed when it is multiplied, into memory that
/// stays in the cache: for a few rows, which do not repay a packed copy. The results are those of the packed
/// weight, to the last bit.
class StoredProductWeight {
 public:
  /// values: [num_outputs, num_inputs], contiguous, which must outlive it; the product is that of factor *
  /// values. `variant` is one that this processor runs.
  StoredProductWeight(const float* values, std::int64_t num_outputs, std::int64_t num_inputs,
                      float factor = 1, KernelVariant variant = this_kernel_variant());

  const ProductShape& shape() const { return shape_; }
  const ProductBlocks& blocks() const { return blocks_; }
  std::int64_t scratch_size() const;
  /// See ProductWeight::multiply().
  void multiply(const ProductOperands& operands, IndexRange rows, IndexRange panels, float* scratch) const;

 private:
  KernelVariant variant_;
  ProductBlocks blocks_;
  ProductShape shape_;
  const float* values_;
  float factor_;
};

}  // namespace clipcls
