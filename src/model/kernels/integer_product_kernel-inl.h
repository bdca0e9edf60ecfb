// The product of rows of 8 bits and a packed weight of 8 bits. See processor/for_each_processor-inl.h.
//
// A tile of kTileRows rows and one panel of kPanel outputs has its sums in registers from the first input to
// the last. The weight lies as [panels, inputs / kGroup, kPanel, kGroup]: an instruction multiplies kGroup
// inputs of each output at once. The rows lie as [tiles, inputs / kChunk, rows of the tile, kChunk].
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "integer_product_kernel.h"
#include "vectors-inl.h"

#include "exponential-inl.h"

#include "activation-inl.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

constexpr int kPanelVectors = 2;
// Of 16 registers 12 hold sums (of AVX-512's 32: 28), the others a part of the panel and an input.
constexpr int kTileRows = CLIPCLS_REGISTER_BYTES == 16 ? 4 : CLIPCLS_REGISTER_BYTES == 32 ? 6 : 14;
constexpr std::int64_t kPanel = kPanelVectors * kLanes;
constexpr std::int64_t kGroup = 4;
constexpr std::int64_t kChunk = 16;  // inputs of a row that lie together in a packed tile
// Of a block of rows, which stays in the second cache beside a panel.
constexpr std::int64_t kBlockBytes = 262'144;

template <typename To, typename From>
CLIPCLS_INLINE To same_bits(const From& from) {
  To to;
  static_assert(sizeof(to) == sizeof(from));
  std::memcpy(&to, &from, sizeof(to));
  return to;
}

CLIPCLS_INLINE Integers load_integers(const void* from) {
  Integers value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

/// Each lane: the sum and the products of its four bytes of x, unsigned, and of the weight, signed.
CLIPCLS_INLINE Integers add_products(Integers sum, Integers x, Integers weight) {
#if CLIPCLS_REGISTER_BYTES == 64
  const auto x_bytes = same_bits<__m512i>(x);
  const auto weight_bytes = same_bits<__m512i>(weight);
#if defined(CLIPCLS_HAS_VNNI)
  return same_bits<Integers>(_mm512_dpbusd_epi32(same_bits<__m512i>(sum), x_bytes, weight_bytes));
#else
  const __m512i pairs = _mm512_maddubs_epi16(x_bytes, weight_bytes);
  return sum + same_bits<Integers>(_mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#endif
#elif CLIPCLS_REGISTER_BYTES == 32
  const auto x_bytes = same_bits<__m256i>(x);
  const auto weight_bytes = same_bits<__m256i>(weight);
#if defined(CLIPCLS_HAS_VNNI)
  return same_bits<Integers>(_mm256_dpbusd_avx_epi32(same_bits<__m256i>(sum), x_bytes, weight_bytes));
#else
  const __m256i pairs = _mm256_maddubs_epi16(x_bytes, weight_bytes);
  return sum + same_bits<Integers>(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
#endif
#else
  // The first and third byte, and the second and fourth, as pairs of 16 bits.
  using Halves = std::int16_t __attribute__((vector_size(4 * kLanes)));
  using UnsignedHalves = std::uint16_t __attribute__((vector_size(4 * kLanes)));
  const auto x_halves = same_bits<UnsignedHalves>(x);
  const auto weight_halves = same_bits<Halves>(weight);
  const auto x_even = same_bits<Halves>(x_halves & 0xFF);
  const auto x_odd = same_bits<Halves>(x_halves >> 8);
  const Halves weight_even = same_bits<Halves>(same_bits<UnsignedHalves>(weight_halves) << 8) >> 8;
  const Halves weight_odd = weight_halves >> 8;
#if defined(__x86_64__)
  sum += same_bits<Integers>(_mm_madd_epi16(same_bits<__m128i>(x_even), same_bits<__m128i>(weight_even)));
  sum += same_bits<Integers>(_mm_madd_epi16(same_bits<__m128i>(x_odd), same_bits<__m128i>(weight_odd)));
#else
  const auto add_pairs = [&](Halves a, Halves b) {
    const auto a_pairs = same_bits<Integers>(a);
    const auto b_pairs = same_bits<Integers>(b);
    sum += (a_pairs >> 16) * (b_pairs >> 16) + ((a_pairs << 16) >> 16) * ((b_pairs << 16) >> 16);
  };
  add_pairs(x_even, weight_even);
  add_pairs(x_odd, weight_odd);
#endif
  return sum;
#endif
}

/// A function of its own: among the loops around it the compiler runs out of registers.
/// x: [depth / kChunk, rows, kChunk], weight: [depth / kGroup, kPanel, kGroup] -> sums: [rows, kPanel].
template <int rows>
__attribute__((noinline)) void add_up_tile(const std::uint8_t* x, const std::int8_t* weight,
                                           std::int64_t depth, std::int32_t* results) {
  Integers sums[rows][kPanelVectors];
  CLIPCLS_UNROLL
  for (int row = 0; row < rows; ++row) {
    CLIPCLS_UNROLL
    for (int part = 0; part < kPanelVectors; ++part) sums[row][part] = Integers{};
  }
  for (std::int64_t i = 0; i < depth; i += kChunk) {
    // Not unrolled: the compiler would add up the products of several groups first, and run out of registers.
#pragma GCC unroll 1
    for (std::int64_t group = 0; group < kChunk; group += kGroup) {
      Integers columns[kPanelVectors];
      CLIPCLS_UNROLL
      for (int part = 0; part < kPanelVectors; ++part)
        columns[part] = load_integers(weight + group * kPanel + part * kLanes * kGroup);
      CLIPCLS_UNROLL
      for (int row = 0; row < rows; ++row) {
        std::int32_t four_bytes = 0;
        std::memcpy(&four_bytes, x + row * kChunk + group, sizeof(four_bytes));
        const Integers factor = four_bytes - Integers{};
        CLIPCLS_UNROLL
        for (int part = 0; part < kPanelVectors; ++part)
          sums[row][part] = add_products(sums[row][part], factor, columns[part]);
      }
    }
    x += rows * kChunk;
    weight += kChunk * kPanel;
  }
  CLIPCLS_UNROLL
  for (int row = 0; row < rows; ++row) {
    CLIPCLS_UNROLL
    for (int part = 0; part < kPanelVectors; ++part)
      std::memcpy(results + row * kPanel + part * kLanes, &sums[row][part], sizeof(Integers));
  }
}

template <int rows>
CLIPCLS_INLINE void add_up_rows_of_tile(std::int64_t num_rows, const std::uint8_t* x,
                                        const std::int8_t* weight, std::int64_t depth, std::int32_t* sums) {
  if (num_rows == rows) return add_up_tile<rows>(x, weight, depth, sums);
  if constexpr (rows > 1) add_up_rows_of_tile<rows - 1>(num_rows, x, weight, depth, sums);
}

/// Asks for what the rows of a tile will need when their sums are there. `values`: the first row's, [kPanel].
template <typename Value>
CLIPCLS_INLINE void prefetch_rows(const Value* values, std::int64_t num_rows, std::int64_t stride) {
  constexpr auto kLineValues = static_cast<std::int64_t>(64 / sizeof(Value));
  for (std::int64_t row = 0; row < num_rows; ++row) {
    for (std::int64_t i = 0; i < kPanel; i += kLineValues)
      __builtin_prefetch(values + row * stride + i, 1, 3);
  }
}

/// Of scale · (integer - zero_point) · weight: the sum over the inputs, without the scales.
CLIPCLS_INLINE Floats whole_sums(const std::int32_t* sums, Quantization quantization,
                                 const std::int32_t* weight_sums) {
  const Integers whole = load_integers(sums) - quantization.zero_point * load_integers(weight_sums);
  return __builtin_convertvector(whole, Floats);
}
CLIPCLS_INLINE Floats whole_sums(const float* sums, Quantization quantization,
                                 const std::int32_t* weight_sums) {
  const Integers of_zero_point = quantization.zero_point * load_integers(weight_sums);
  return load(sums) - __builtin_convertvector(of_zero_point, Floats);
}

/// A part of a row. sums: whole vectors; other, y: [width].
template <typename Sum, typename Value>
CLIPCLS_INLINE void finish_row(const Sum* sums, Quantization quantization, const IntegerOutputs& outputs,
                               ProductActivation activation, const Value* other, Value* y,
                               std::int64_t width) {
  for (std::int64_t column = 0; column < width; column += kLanes) {
    const Floats scaled = whole_sums(sums + column, quantization, outputs.weight_sums + column) *
                          (load(outputs.scales + column) * quantization.scale);
    Floats value = activated(scaled + load(outputs.bias + column), activation);
    const std::int64_t num_values = std::min(kLanes, width - column);
    if (num_values == kLanes) {
      if (other != nullptr) value += load(other + column);
      store(y + column, value);
    } else {
      for (std::int64_t lane = 0; lane < num_values; ++lane) {
        const float added = other != nullptr ? to_float(other[column + lane]) : 0.0F;
        from_float(value[lane] + added, y[column + lane]);
      }
    }
  }
}

/// See IntegerProductWeight::multiply().
template <typename Value>
void multiply_integers(const ProductShape& shape, std::int64_t depth, const std::int8_t* packed,
                       const IntegerOutputs& outputs, const IntegerProductOperands<Value>& operands,
                       IndexRange rows, IndexRange panels) {
  std::int32_t sums[kTileRows * kPanel];
  for (std::int64_t index = panels.begin; index < panels.end; ++index) {
    const std::int64_t column = index * kPanel;
    const std::int64_t width = std::min(kPanel, shape.num_outputs - column);
    const IntegerOutputs of_panel = {outputs.scales + column, outputs.bias + column,
                                     outputs.weight_sums + column};
    for (std::int64_t first = rows.begin; first < rows.end; first += kTileRows) {
      const std::int64_t num_rows = std::min<std::int64_t>(kTileRows, rows.end - first);
      const std::int64_t start = first * shape.num_outputs + column;
      prefetch_rows(operands.y + start, num_rows, shape.num_outputs);
      if (operands.other != nullptr) prefetch_rows(operands.other + start, num_rows, shape.num_outputs);
      add_up_rows_of_tile<kTileRows>(num_rows, operands.x.values + first * depth, packed + column * depth,
                                     depth, sums);
      for (std::int64_t row = 0; row < num_rows; ++row) {
        const std::int64_t place = start + row * shape.num_outputs;
        finish_row(sums + row * kPanel, operands.x.quantizations[first + row], of_panel, operands.activation,
                   operands.other != nullptr ? operands.other + place : nullptr, operands.y + place, width);
      }
    }
  }
}

/// See finish_integer_product().
template <typename Value>
void finish_rows(std::int64_t num_outputs, const float* sums, std::int64_t sums_stride,
                 const IntegerOutputs& outputs, const IntegerProductOperands<Value>& operands,
                 IndexRange rows) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const std::int64_t start = row * num_outputs;
    finish_row(sums + row * sums_stride, operands.x.quantizations[row], outputs, operands.activation,
               operands.other != nullptr ? operands.other + start : nullptr, operands.y + start, num_outputs);
  }
}

/// See IntegerProductWeight::pack(). packed has zeros. sums: of each output.
void pack_integers(const ProductShape& shape, std::int64_t depth, const std::int8_t* weight,
                   IndexRange panels, std::int8_t* packed, std::int32_t* sums) {
  const std::int64_t end = std::min(panels.end * kPanel, shape.num_outputs);
  for (std::int64_t output = panels.begin * kPanel; output < end; ++output) {
    const std::int8_t* row = weight + output * shape.num_inputs;
    std::int8_t* column = packed + output / kPanel * kPanel * depth + output % kPanel * kGroup;
    for (std::int64_t i = 0; i < shape.num_inputs; i += kGroup) {
      const std::int64_t count = std::min(kGroup, shape.num_inputs - i);
      std::memcpy(column + i * kPanel, row + i, static_cast<std::size_t>(count));
    }
    std::int32_t sum = 0;
    for (std::int64_t i = 0; i < shape.num_inputs; ++i) sum += row[i];
    sums[output] = sum;
  }
}

/// A quantised row among those of its tile.
void place_row(const std::uint8_t* values, std::int64_t num_inputs, std::int64_t rows_of_tile,
               std::uint8_t* row) {
  for (std::int64_t i = 0; i < num_inputs; i += kChunk) {
    if (i + kChunk <= num_inputs) {
      std::memcpy(row, values + i, kChunk);
    } else {
      // What is behind the inputs meets zeros of the weight.
      std::memset(row, 0, kChunk);
      std::memcpy(row, values + i, static_cast<std::size_t>(num_inputs - i));
    }
    row += rows_of_tile * kChunk;
  }
}

ProductBlocks integer_product_blocks(std::int64_t num_inputs) {
  const std::int64_t depth = (num_inputs + kChunk - 1) / kChunk * kChunk;
  const std::int64_t num_tiles = std::max<std::int64_t>(1, kBlockBytes / (depth * kTileRows));
  return {.panel_width = kPanel,
          .tile_rows = kTileRows,
          .max_rows = num_tiles * kTileRows,
          .depth = depth,
          .chunk = kChunk};
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
