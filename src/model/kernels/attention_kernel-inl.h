// Attention of one head: keys transposed and values packed to float once, in panels, then two
// register-blocked products of kRows query rows with a softmax between them. See
// processor/for_each_processor-inl.h.
#include <cmath>
#include <cstdint>
#include <limits>

#include "attention_kernel.h"
#include "vectors-inl.h"

#include "exponential-inl.h"

#include "transpose-inl.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

// A block of sums has kRows query rows, which share a load of the keys or values, and kVectors vectors a row.
// The sums are in registers: 12 of AVX2's 16, 16 of AVX-512's 32, elsewhere 8 of 16.
constexpr std::int64_t kRows = CLIPCLS_REGISTER_BYTES == 32 ? 6 : 4;
constexpr std::int64_t kVectors = CLIPCLS_REGISTER_BYTES == 64 ? 4 : 2;
constexpr std::int64_t kColumns = kLanes * kVectors;

CLIPCLS_INLINE std::int64_t round_up(std::int64_t value) { return (value + kLanes - 1) / kLanes * kLanes; }

/// The width of the panel at `column`: matrices lie as panels of kColumns columns, each [depth, width], and
/// behind them panels of kLanes.
CLIPCLS_INLINE std::int64_t panel_width(std::int64_t column, std::int64_t num_columns) {
  return column + kColumns <= num_columns ? kColumns : kLanes;
}

/// Where kLanes columns of a matrix in panels begin, and how far the next row of them is.
struct PanelPart {
  std::int64_t offset;
  std::int64_t stride;
};

CLIPCLS_INLINE PanelPart panel_part(std::int64_t column, std::int64_t depth, std::int64_t num_columns) {
  const std::int64_t width = panel_width(column / kColumns * kColumns, num_columns);
  const std::int64_t first = column / width * width;  // of the panel
  return {first * depth + column - first, width};
}

/// output[row][0 … kLanes · num_vectors) = sum over i of left[row][i] · panel[i][0 … kLanes · num_vectors),
/// for kRows rows. A function of its own: among the loops around it the compiler runs out of registers.
template <std::int64_t num_vectors>
__attribute__((noinline)) void multiply_block(const float* left, std::int64_t left_stride, const float* panel,
                                              std::int64_t depth, float* output, std::int64_t output_stride) {
  Floats sums[kRows][num_vectors];
  CLIPCLS_UNROLL
  for (auto& of_row : sums) {
    CLIPCLS_UNROLL
    for (Floats& sum : of_row) sum = Floats{};
  }
  for (std::int64_t i = 0; i < depth; ++i) {
    Floats columns[num_vectors];
    CLIPCLS_UNROLL
    for (std::int64_t vector = 0; vector < num_vectors; ++vector)
      columns[vector] = load(panel + (i * num_vectors + vector) * kLanes);
    CLIPCLS_UNROLL
    for (std::int64_t row = 0; row < kRows; ++row) {
      const Floats factor = broadcast(left[row * left_stride + i]);
      CLIPCLS_UNROLL
      for (std::int64_t vector = 0; vector < num_vectors; ++vector)
        sums[row][vector] += factor * columns[vector];
    }
  }
  CLIPCLS_UNROLL
  for (std::int64_t row = 0; row < kRows; ++row) {
    CLIPCLS_UNROLL
    for (std::int64_t vector = 0; vector < num_vectors; ++vector)
      store(output + row * output_stride + vector * kLanes, sums[row][vector]);
  }
}

/// The same for the first num_columns columns of `right`, which has [right_depth, right_width] in panels.
/// Whole panels are computed.
CLIPCLS_INLINE void multiply(const float* left, std::int64_t left_stride, const float* right,
                             std::int64_t right_depth, std::int64_t right_width, std::int64_t depth,
                             std::int64_t num_columns, float* output, std::int64_t output_stride) {
  for (std::int64_t column = 0; column < num_columns; column += panel_width(column, right_width)) {
    const float* panel = right + column * right_depth;
    if (panel_width(column, right_width) == kColumns) {
      multiply_block<kVectors>(left, left_stride, panel, depth, output + column, output_stride);
    } else {
      multiply_block<1>(left, left_stride, panel, depth, output + column, output_stride);
    }
  }
}

/// scores[0 … num_keys) become their softmax without the division; returns the sum that divides them.
CLIPCLS_INLINE float exponentiate(float* scores, std::int64_t num_keys, std::int64_t padded) {
  const float lowest = -std::numeric_limits<float>::infinity();
  for (std::int64_t key = num_keys; key < padded; ++key) scores[key] = lowest;
  Floats largest = broadcast(lowest);
  for (std::int64_t key = 0; key < padded; key += kLanes) {
    const Floats value = load(scores + key);
    largest = value > largest ? value : largest;
  }
  float top = lowest;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) top = largest[lane] > top ? largest[lane] : top;
  Floats sums = {};
  for (std::int64_t key = 0; key < padded; key += kLanes) {
    const Floats value = exp_of_negative(load(scores + key) - top);
    store(scores + key, value);
    sums += value;
  }
  // The padding's e^-87 is nothing beside the e^0 of the largest.
  float sum = 0;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  return sum;
}

/// Scratch memory of one head, each part in rows of a multiple of kLanes.
struct Scratch {
  float* keys;     // [head_width, padded_keys], in panels
  float* values;   // [num_keys, padded_width], in panels
  float* queries;  // [kRows, head_width]
  float* scores;   // [kRows, padded_keys]
  float* output;   // [kRows, padded_width]
};

CLIPCLS_INLINE Scratch divide(float* scratch, const AttentionSize& size) {
  const std::int64_t keys = round_up(size.num_keys);
  const std::int64_t width = round_up(size.head_width);
  Scratch parts{};
  parts.keys = scratch;
  parts.values = parts.keys + size.head_width * keys;
  parts.queries = parts.values + size.num_keys * width;
  parts.scores = parts.queries + kRows * size.head_width;
  parts.output = parts.scores + kRows * keys;
  return parts;
}

/// kLanes numbers of `row` from `column` on, zeros behind its end.
template <typename Value>
CLIPCLS_INLINE Floats load_padded(const Value* row, std::int64_t column, std::int64_t width) {
  if (column + kLanes <= width) return load(row + column);
  Floats values = {};
  for (std::int64_t i = column; i < width; ++i) values[i - column] = to_float(row[i]);
  return values;
}

/// Asks for the next head's part of a row while this one's is at work: the processor does not see such
/// strides coming.
template <typename Value>
CLIPCLS_INLINE void prefetch_next_head(HeadsView<const Value> heads, const Value* row, std::int64_t width) {
  constexpr std::int64_t kLine = 64 / sizeof(Value);
  for (std::int64_t i = 0; i < width; i += kLine) __builtin_prefetch(row + heads.head_stride + i);
}

template <typename Value>
CLIPCLS_INLINE void pack(const AttentionSize& size, std::int64_t batch, std::int64_t head,
                         HeadsView<const Value> k, HeadsView<const Value> v, const Scratch& parts) {
  const std::int64_t padded_keys = round_up(size.num_keys);
  const std::int64_t padded_width = round_up(size.head_width);
  for (std::int64_t first = 0; first < size.num_keys; first += kLanes) {
    for (std::int64_t column = 0; column < size.head_width; column += kLanes) {
      Floats block[kLanes];
      CLIPCLS_UNROLL
      for (std::int64_t i = 0; i < kLanes; ++i) {
        block[i] = first + i < size.num_keys
                       ? load_padded(k.row(batch, head, first + i), column, size.head_width)
                       : Floats{};
      }
      transpose(block);
      const PanelPart part = panel_part(first, size.head_width, padded_keys);
      for (std::int64_t i = 0; i < kLanes && column + i < size.head_width; ++i)
        store(parts.keys + part.offset + (column + i) * part.stride, block[i]);
    }
  }
  for (std::int64_t key = 0; key < size.num_keys; ++key) {
    const Value* row = v.row(batch, head, key);
    prefetch_next_head(v, row, size.head_width);
    prefetch_next_head(k, k.row(batch, head, key), size.head_width);
    for (std::int64_t column = 0; column < padded_width; column += kLanes) {
      const PanelPart part = panel_part(column, size.num_keys, padded_width);
      store(parts.values + part.offset + key * part.stride, load_padded(row, column, size.head_width));
    }
  }
}

template <typename Value>
void attend_head(const AttentionSize& size, std::int64_t batch, std::int64_t head, HeadsView<const Value> q,
                 HeadsView<const Value> k, HeadsView<const Value> v, HeadsView<Value> output,
                 float* scratch) {
  const std::int64_t padded_width = round_up(size.head_width);
  const std::int64_t key_stride = round_up(size.num_keys);
  const Scratch parts = divide(scratch, size);
  pack(size, batch, head, k, v, parts);
  const float scale = 1.0F / std::sqrt(static_cast<float>(size.head_width));

  for (std::int64_t first = 0; first < size.num_queries; first += kRows) {
    const std::int64_t num_rows = size.num_queries - first < kRows ? size.num_queries - first : kRows;
    for (std::int64_t row = 0; row < kRows; ++row) {  // rows past the end repeat the last one
      const Value* query = q.row(batch, head, first + (row < num_rows ? row : num_rows - 1));
      prefetch_next_head(q, query, size.head_width);
      float* packed = parts.queries + row * size.head_width;
      for (std::int64_t i = 0; i < size.head_width; ++i) packed[i] = scale * to_float(query[i]);
    }
    const std::int64_t seen =  // by the last of the rows
        size.is_causal ? first + num_rows + size.num_keys - size.num_queries : size.num_keys;
    const std::int64_t padded_seen = round_up(seen);
    multiply(parts.queries, size.head_width, parts.keys, size.head_width, key_stride, size.head_width,
             padded_seen, parts.scores, key_stride);
    float sums[kRows];
    for (std::int64_t row = 0; row < kRows; ++row) {
      const std::int64_t own = size.is_causal && row < num_rows ? seen - num_rows + row + 1 : seen;
      sums[row] = exponentiate(parts.scores + row * key_stride, own, padded_seen);
    }
    multiply(parts.scores, key_stride, parts.values, size.num_keys, padded_width, seen, padded_width,
             parts.output, padded_width);
    for (std::int64_t row = 0; row < num_rows; ++row) {
      Value* to = output.row(batch, head, first + row);
      const float* from = parts.output + row * padded_width;
      const float factor = 1.0F / sums[row];
      for (std::int64_t i = 0; i < size.head_width; ++i) from_float(factor * from[i], to[i]);
    }
  }
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
