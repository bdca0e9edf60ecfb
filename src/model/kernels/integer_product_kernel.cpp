#include "integer_product_kernel.h"

#include <algorithm>

#include "base/round_up.h"

#define CLIPCLS_KERNEL "model/kernels/integer_product_kernel-inl.h"
#define CLIPCLS_WITH_VNNI
#include "processor/for_each_processor-inl.h"

namespace clipcls {

IntegerProductWeight::IntegerProductWeight(std::int64_t num_outputs, std::int64_t num_inputs,
                                           KernelVariant variant)
    : variant_(variant),
      blocks_(CLIPCLS_VNNI_FUNCTION_FOR(variant, integer_product_blocks)(num_inputs)),
      shape_{num_outputs, num_inputs, divide_up(num_outputs, blocks_.panel_width)} {
  const std::int64_t padded_outputs = shape_.num_panels * blocks_.panel_width;
  panels_ = PageMemory(static_cast<std::size_t>(padded_outputs * blocks_.depth));
  scales_.resize(static_cast<std::size_t>(padded_outputs));
  bias_.resize(scales_.size());
  sums_.resize(scales_.size());
}

void IntegerProductWeight::pack(const std::int8_t* weight, const float* scales, const float* bias,
                                IndexRange panels) {
  CLIPCLS_VNNI_FUNCTION_FOR(variant_, pack_integers)
  (shape_, blocks_.depth, weight, panels, static_cast<std::int8_t*>(panels_.data()), sums_.data());
  const std::int64_t begin = panels.begin * blocks_.panel_width;
  const std::int64_t end = std::min(panels.end * blocks_.panel_width, shape_.num_outputs);
  std::copy(scales + begin, scales + end, scales_.data() + begin);
  if (bias != nullptr) std::copy(bias + begin, bias + end, bias_.data() + begin);
}

template <typename Value>
void IntegerProductWeight::quantize_tiles(const Value* x, std::int64_t num_rows, IndexRange tiles,
                                          std::uint8_t* scratch, QuantizedRows quantized) const {
  for (std::int64_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const std::int64_t first = tile * blocks_.tile_rows;
    const std::int64_t rows_of_tile = std::min(blocks_.tile_rows, num_rows - first);
    std::uint8_t* values = quantized.values + num_bytes_of(first);
    for (std::int64_t row = 0; row < rows_of_tile; ++row) {
      quantized.quantizations[first + row] =
          quantize(x + (first + row) * shape_.num_inputs, shape_.num_inputs, scratch, variant_);
      CLIPCLS_VNNI_FUNCTION_FOR(variant_, place_row)
      (scratch, shape_.num_inputs, rows_of_tile, values + row * blocks_.chunk);
    }
  }
}

template <typename Value>
void IntegerProductWeight::multiply(const IntegerProductOperands<Value>& operands, IndexRange rows,
                                    IndexRange panels, float* /*scratch*/) const {
  CLIPCLS_VNNI_FUNCTION_FOR(variant_, multiply_integers<Value>)
  (shape_, blocks_.depth, static_cast<const std::int8_t*>(panels_.data()),
   {scales_.data(), bias_.data(), sums_.data()}, operands, rows, panels);
}

template <typename Value>
void finish_integer_product(const float* sums, std::int64_t num_outputs, const IntegerOutputs& outputs,
                            const IntegerProductOperands<Value>& operands, IndexRange rows,
                            KernelVariant variant) {
  CLIPCLS_VNNI_FUNCTION_FOR(variant, finish_rows<Value>)
  (num_outputs, sums, round_up(num_outputs, kPaddedOutputs), outputs, operands, rows);
}

template void IntegerProductWeight::quantize_tiles(const float*, std::int64_t, IndexRange, std::uint8_t*,
                                                   QuantizedRows) const;
template void IntegerProductWeight::quantize_tiles(const Bfloat16*, std::int64_t, IndexRange, std::uint8_t*,
                                                   QuantizedRows) const;
template void IntegerProductWeight::multiply(const IntegerProductOperands<float>&, IndexRange, IndexRange,
                                             float*) const;
template void IntegerProductWeight::multiply(const IntegerProductOperands<Bfloat16>&, IndexRange, IndexRange,
                                             float*) const;

template void finish_integer_product(const float*, std::int64_t, const IntegerOutputs&,
                                     const IntegerProductOperands<float>&, IndexRange, KernelVariant);
template void finish_integer_product(const float*, std::int64_t, const IntegerOutputs&,
                                     const IntegerProductOperands<Bfloat16>&, IndexRange, KernelVariant);

}  // namespace clipcls
