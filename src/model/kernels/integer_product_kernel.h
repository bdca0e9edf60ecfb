#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/page_memory.h"
#include "processor/processor.h"
#include "product_kernel.h"
#include "quantize_kernel.h"

namespace clipcls {

/// Outputs for each of which there is memory: whole vectors of the widest registers.
inline constexpr std::int64_t kPaddedOutputs = 16;

/// So many products of 255 and 127 fit a sum of 32 bits.
inline constexpr std::int64_t kMaxIntegerInputs = std::numeric_limits<std::int32_t>::max() / (255 * 127);

/// Rows of 8 bits in the order in which IntegerProductWeight::multiply() reads them. Each row has a scale and
/// a zero point of its own, so that no row costs another its last digits.
struct QuantizedRows {
  std::uint8_t* values = nullptr;         ///< IntegerProductWeight::num_bytes_of() the rows
  Quantization* quantizations = nullptr;  ///< [num_rows]
};

/// y = activation(x · weightᵀ + bias) + other, where x are quantised rows.
/// Value: float or Bfloat16.
template <typename Value>
struct IntegerProductOperands {
  QuantizedRows x;
  const Value* other = nullptr;  ///< [num_rows, num_outputs], contiguous, or none
  Value* y = nullptr;            ///< [num_rows, num_outputs], contiguous; may be `other`
  ProductActivation activation = ProductActivation::kNone;
};

/// What a weight has for each output, with zeros behind the last one up to a multiple of kPaddedOutputs.
struct IntegerOutputs {
  const float* scales = nullptr;
  const float* bias = nullptr;
  const std::int32_t* weight_sums = nullptr;
};

/// A weight of 8-bit integers in the order in which it is multiplied: in panels of neighbouring outputs. The
/// sums are integers of 32 bits, and exact; they are scaled in float32.
///
/// A row of y does not depend on the rows beside it, to the last bit.
class IntegerProductWeight {
 public:
  /// num_inputs: at most kMaxIntegerInputs. `variant` is one that this processor runs. Throws std::bad_alloc.
  IntegerProductWeight(std::int64_t num_outputs, std::int64_t num_inputs,
                       KernelVariant variant = this_kernel_variant());

  const ProductShape& shape() const { return shape_; }
  const ProductBlocks& blocks() const { return blocks_; }

  /// Takes the panels' part of the weight, which stands for scale · integer. weight: [num_outputs,
  /// num_inputs], contiguous, from -127 to 127; where the variant has no VNNI, from -63 to 63, as sums of two
  /// products saturate at 16 bits there. scales: [num_outputs]. bias: [num_outputs], or none.
  void pack(const std::int8_t* weight, const float* scales, const float* bias, IndexRange panels);

  /// Of so many rows as QuantizedRows::values.
  std::int64_t num_bytes_of(std::int64_t num_rows) const { return num_rows * blocks_.depth; }

  /// Quantises the tiles' rows of x: blocks().tile_rows each. x: [num_rows, num_inputs], contiguous. scratch:
  /// [num_inputs].
  template <typename Value>
  void quantize_tiles(const Value* x, std::int64_t num_rows, IndexRange tiles, std::uint8_t* scratch,
                      QuantizedRows quantized) const;

  /// Bytes that multiply() needs beside its operands.
  static std::int64_t scratch_size() { return 0; }
  /// Computes the panels' outputs of the rows, whose first is that of a tile. All panels have been packed.
  template <typename Value>
  void multiply(const IntegerProductOperands<Value>& operands, IndexRange rows, IndexRange panels,
                float* scratch) const;

 private:
  KernelVariant variant_;
  ProductBlocks blocks_;
  ProductShape shape_;
  PageMemory panels_;
  // Of each output, with zeros behind them for the last panel.
  std::vector<float> scales_;
  std::vector<float> bias_;
  std::vector<std::int32_t> sums_;  ///< of the weight's integers
};

/// What IntegerProductWeight::multiply() does to its sums, for a product that is computed elsewhere. sums: of
/// the integers of x and of the weight, [num_rows, num_outputs up to a multiple of kPaddedOutputs]. Of
/// operands.x, the values are not read.
template <typename Value>
void finish_integer_product(const float* sums, std::int64_t num_outputs, const IntegerOutputs& outputs,
                            const IntegerProductOperands<Value>& operands, IndexRange rows,
                            KernelVariant variant = this_kernel_variant());

}  // namespace clipcls
