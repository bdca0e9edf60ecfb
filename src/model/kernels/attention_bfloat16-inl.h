// Attention of one head in bfloat16, for heads of a width that is a multiple of kLanes:
// attention_kernel-inl.h with the processor's own products of pairs. See processor/for_each_processor-inl.h.
#include <immintrin.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "attention_kernel.h"
#include "vectors-inl.h"

#include "exponential-inl.h"

#include "transpose-inl.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

constexpr std::int64_t kRows = 4;     // query rows that share a load of the keys or values
constexpr std::int64_t kVectors = 4;  // vectors of 16 columns in one register block
constexpr std::int64_t kColumns = kLanes * kVectors;

CLIPCLS_INLINE std::int64_t round_up(std::int64_t value) { return (value + kLanes - 1) / kLanes * kLanes; }

/// Scratch memory of one head. A pair is two bfloat16 in 32 bits, as the processor multiplies them.
struct PairScratch {
  float* keys;        // pairs along the head's width: [head_width / 2, padded_keys]
  float* values;      // pairs of keys: [padded_keys / 2, head_width]
  float* scores;      // [kRows, padded_keys]
  Bfloat16* weights;  // [kRows, padded_keys]
};

CLIPCLS_INLINE PairScratch divide(float* scratch, const AttentionSize& size) {
  const std::int64_t keys = round_up(size.num_keys);
  PairScratch parts{};
  parts.keys = scratch;
  parts.values = parts.keys + size.head_width / 2 * keys;
  parts.scores = parts.values + keys / 2 * size.head_width;
  parts.weights = reinterpret_cast<Bfloat16*>(parts.scores + kRows * keys);
  return parts;
}

CLIPCLS_INLINE __mmask16 first_lanes(std::int64_t count) {
  return static_cast<__mmask16>(count >= kLanes ? 0xFFFF : count <= 0 ? 0 : (1U << count) - 1);
}

/// Asks for the next head's part of a row, see attention_kernel-inl.h.
CLIPCLS_INLINE void prefetch_next_head(HeadsView<const Bfloat16> heads, const Bfloat16* row,
                                       std::int64_t width) {
  for (std::int64_t i = 0; i < width; i += 32) __builtin_prefetch(row + heads.head_stride + i);
}

CLIPCLS_INLINE void pack_keys(const AttentionSize& size, std::int64_t batch, std::int64_t head,
                              HeadsView<const Bfloat16> k, float* pairs) {
  const std::int64_t padded_keys = round_up(size.num_keys);
  const std::int64_t num_pairs = size.head_width / 2;
  for (std::int64_t first = 0; first < size.num_keys; first += kLanes) {
    for (std::int64_t column = 0; column < num_pairs; column += kLanes) {
      const auto is_inside = first_lanes(num_pairs - column);
      Floats block[kLanes];
      CLIPCLS_UNROLL
      for (std::int64_t i = 0; i < kLanes; ++i) {
        block[i] = Floats{};
        if (first + i >= size.num_keys) continue;
        const Bfloat16* row = k.row(batch, head, first + i);
        if (column == 0) prefetch_next_head(k, row, size.head_width);
        block[i] = _mm512_maskz_loadu_ps(is_inside, row + 2 * column);
      }
      transpose(block);
      for (std::int64_t i = 0; i < kLanes && column + i < num_pairs; ++i) {
        store(pairs + (column + i) * padded_keys + first, block[i]);
      }
    }
  }
}

CLIPCLS_INLINE __m512i load_halves(const Bfloat16* from) {
  __m256i halves;
  std::memcpy(&halves, from, sizeof(halves));
  return _mm512_cvtepu16_epi32(halves);
}

CLIPCLS_INLINE void pack_values(const AttentionSize& size, std::int64_t batch, std::int64_t head,
                                HeadsView<const Bfloat16> v, float* pairs) {
  for (std::int64_t key = 0; key < size.num_keys; key += 2) {
    const Bfloat16* first = v.row(batch, head, key);
    const bool is_pair = key + 1 < size.num_keys;
    const Bfloat16* second = is_pair ? v.row(batch, head, key + 1) : nullptr;
    float* to = pairs + key / 2 * size.head_width;
    prefetch_next_head(v, first, size.head_width);
    if (is_pair) prefetch_next_head(v, second, size.head_width);
    for (std::int64_t column = 0; column < size.head_width; column += kLanes) {
      __m512i both = load_halves(first + column);
      if (is_pair) both = _mm512_or_si512(both, _mm512_slli_epi32(load_halves(second + column), 16));
      _mm512_storeu_si512(to + column, both);
    }
  }
}

/// sums[row][0 … 16 · num_vectors) = sum over the pairs i of left[row][i] · right[i][…], for kRows rows.
template <std::int64_t num_vectors>
CLIPCLS_INLINE void multiply_block(const Bfloat16* const (&left)[kRows], const float* right,
                                   std::int64_t right_stride, std::int64_t num_pairs,
                                   __m512 (&sums)[kRows][num_vectors]) {
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_ps();
  }
  for (std::int64_t i = 0; i < num_pairs; ++i) {
    __m512bh columns[num_vectors];
    for (std::int64_t vector = 0; vector < num_vectors; ++vector) {
      columns[vector] =
          reinterpret_cast<__m512bh>(_mm512_loadu_ps(right + i * right_stride + vector * kLanes));
    }
    for (std::int64_t row = 0; row < kRows; ++row) {
      std::int32_t pair = 0;
      std::memcpy(&pair, left[row] + 2 * i, sizeof(pair));
      const auto factor = reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair));
      for (std::int64_t vector = 0; vector < num_vectors; ++vector) {
        sums[row][vector] = _mm512_dpbf16_ps(sums[row][vector], factor, columns[vector]);
      }
    }
  }
}

template <std::int64_t num_vectors>
CLIPCLS_INLINE void score_block(const Bfloat16* const (&queries)[kRows], const float* keys,
                                std::int64_t stride, std::int64_t num_pairs, float* scores) {
  __m512 sums[kRows][num_vectors];
  multiply_block<num_vectors>(queries, keys, stride, num_pairs, sums);
  for (std::int64_t row = 0; row < kRows; ++row) {
    for (std::int64_t vector = 0; vector < num_vectors; ++vector) {
      _mm512_storeu_ps(scores + row * stride + vector * kLanes, sums[row][vector]);
    }
  }
}

/// Scores of `num_keys`, a multiple of kLanes. The last ones are one block, of up to a vector more than the
/// others: a block of few vectors waits for its sums, and takes nearly as long as a full one.
CLIPCLS_INLINE void score_keys(const Bfloat16* const (&queries)[kRows], const float* keys,
                               std::int64_t stride, std::int64_t num_pairs, std::int64_t num_keys,
                               float* scores) {
  for (; num_keys > kColumns + kLanes; num_keys -= kColumns, keys += kColumns, scores += kColumns)
    score_block<kVectors>(queries, keys, stride, num_pairs, scores);
  switch (num_keys / kLanes) {
    case 1:
      return score_block<1>(queries, keys, stride, num_pairs, scores);
    case 2:
      return score_block<2>(queries, keys, stride, num_pairs, scores);
    case 3:
      return score_block<3>(queries, keys, stride, num_pairs, scores);
    case kVectors:
      return score_block<kVectors>(queries, keys, stride, num_pairs, scores);
    default:
      return score_block<kVectors + 1>(queries, keys, stride, num_pairs, scores);
  }
}

/// weights = e^(scale · (scores - their largest)) of the first num_keys, zeros up to `padded`; returns their
/// sum.
CLIPCLS_INLINE float exponentiate(const float* scores, std::int64_t num_keys, std::int64_t padded,
                                  float scale, Bfloat16* weights) {
  const __m512 lowest = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
  __m512 largest = lowest;
  for (std::int64_t key = 0; key < num_keys; key += kLanes) {
    largest = _mm512_max_ps(largest, _mm512_mask_loadu_ps(lowest, first_lanes(num_keys - key), scores + key));
  }
  const float top = _mm512_reduce_max_ps(largest);
  __m512 sums = _mm512_setzero_ps();
  for (std::int64_t key = 0; key < padded; key += kLanes) {
    const Floats difference = (Floats(_mm512_loadu_ps(scores + key)) - top) * scale;
    const __m512 value =
        _mm512_maskz_mov_ps(first_lanes(num_keys - key), __m512(exp_of_negative(difference)));
    sums = _mm512_add_ps(sums, value);
    const __m256bh rounded = _mm512_cvtneps_pbh(value);
    std::memcpy(weights + key, &rounded, sizeof(rounded));
  }
  return _mm512_reduce_add_ps(sums);
}

template <std::int64_t num_vectors>
CLIPCLS_INLINE void average_block(const Bfloat16* const (&weights)[kRows], const float* values,
                                  std::int64_t stride, std::int64_t num_pairs, const float (&sums)[kRows],
                                  std::int64_t num_rows, Bfloat16* const (&output)[kRows],
                                  std::int64_t column) {
  __m512 averages[kRows][num_vectors];
  multiply_block<num_vectors>(weights, values, stride, num_pairs, averages);
  for (std::int64_t row = 0; row < num_rows; ++row) {
    const __m512 factor = _mm512_set1_ps(1.0F / sums[row]);
    for (std::int64_t vector = 0; vector < num_vectors; ++vector) {
      const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_mul_ps(averages[row][vector], factor));
      std::memcpy(output[row] + column + vector * kLanes, &rounded, sizeof(rounded));
    }
  }
}

/// attend_head() whose products take pairs of bfloat16 and add up in float: half as many as in float. The
/// weights of the values are rounded to bfloat16, as in every such kernel.
void attend_pairs(const AttentionSize& size, std::int64_t batch, std::int64_t head,
                  HeadsView<const Bfloat16> q, HeadsView<const Bfloat16> k, HeadsView<const Bfloat16> v,
                  HeadsView<Bfloat16> output, float* scratch) {
  const std::int64_t key_stride = round_up(size.num_keys);
  const PairScratch parts = divide(scratch, size);
  pack_keys(size, batch, head, k, parts.keys);
  pack_values(size, batch, head, v, parts.values);
  const float scale = 1.0F / std::sqrt(static_cast<float>(size.head_width));

  for (std::int64_t first = 0; first < size.num_queries; first += kRows) {
    const std::int64_t num_rows = size.num_queries - first < kRows ? size.num_queries - first : kRows;
    const Bfloat16* queries[kRows];
    const Bfloat16* weights[kRows];
    Bfloat16* rows[kRows];
    for (std::int64_t row = 0; row < kRows; ++row) {  // rows past the end repeat the last one
      const std::int64_t query = first + (row < num_rows ? row : num_rows - 1);
      queries[row] = q.row(batch, head, query);
      prefetch_next_head(q, queries[row], size.head_width);
      weights[row] = parts.weights + row * key_stride;
      rows[row] = output.row(batch, head, query);
    }
    const std::int64_t seen =  // by the last of the rows
        size.is_causal ? first + num_rows + size.num_keys - size.num_queries : size.num_keys;
    const std::int64_t padded_seen = round_up(seen);
    score_keys(queries, parts.keys, key_stride, size.head_width / 2, padded_seen, parts.scores);
    float sums[kRows];
    for (std::int64_t row = 0; row < kRows; ++row) {
      const std::int64_t own = size.is_causal && row < num_rows ? seen - num_rows + row + 1 : seen;
      sums[row] = exponentiate(parts.scores + row * key_stride, own, padded_seen, scale,
                               parts.weights + row * key_stride);
    }
    std::int64_t column = 0;
    for (; column + kColumns <= size.head_width; column += kColumns) {
      average_block<kVectors>(weights, parts.values + column, size.head_width, (seen + 1) / 2, sums, num_rows,
                              rows, column);
    }
    for (; column < size.head_width; column += kLanes) {
      average_block<1>(weights, parts.values + column, size.head_width, (seen + 1) / 2, sums, num_rows, rows,
                       column);
    }
  }
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
