// Dot products of rows of doubles, see Note [Same bits] and processor/for_each_processor-inl.h. The
// processors' versions differ in nothing but the instructions that the compiler may use and in how many sums
// fit into the registers.
#include <cstddef>
#include <cstring>

#include "dot_products.h"

CLIPCLS_BEGIN_KERNEL
namespace clipcls::CLIPCLS_PROCESSOR {
namespace {

/// As wide as the processor's registers; several make up the eight lanes.
using Vector = double __attribute__((vector_size(CLIPCLS_REGISTER_BYTES)));
constexpr std::size_t kWidth = sizeof(Vector) / sizeof(double);

// How many rows of `a` and of `b` have their sums in registers at once: AVX-512 has 32 of them, AVX2 16.
constexpr std::size_t kNumA = kWidth / 2;
constexpr std::size_t kNumB = kWidth == 8 ? 4 : 2;

/// num_a x num_b dot products at once: each row that is read takes part in several.
template <std::size_t num_a, std::size_t num_b>
CLIPCLS_INLINE void multiply_tile(const double* a, const double* b, std::size_t stride, double* products,
                                  std::size_t products_stride) {
  constexpr std::size_t kNumVectors = kNumLanes / kWidth;
  Vector sums[num_a][num_b][kNumVectors] = {};
  for (std::size_t column = 0; column < stride; column += kNumLanes) {
    for (std::size_t v = 0; v < kNumVectors; ++v) {
      Vector of_b[num_b];
      for (std::size_t j = 0; j < num_b; ++j)
        std::memcpy(&of_b[j], b + j * stride + column + v * kWidth, sizeof(Vector));
      for (std::size_t i = 0; i < num_a; ++i) {
        Vector of_a;
        std::memcpy(&of_a, a + i * stride + column + v * kWidth, sizeof(Vector));
        for (std::size_t j = 0; j < num_b; ++j) sums[i][j][v] += of_a * of_b[j];
      }
    }
  }
  for (std::size_t i = 0; i < num_a; ++i) {
    for (std::size_t j = 0; j < num_b; ++j) {
      double sum[kNumLanes];
      std::memcpy(sum, sums[i][j], sizeof(sum));
      products[i * products_stride + j] =
          ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    }
  }
}

/// All tiles; what is left at the edges goes in tiles of one.
void multiply(const DoubleRows& a, const DoubleRows& b, double* products) {
  const std::size_t stride = a.stride();
  const std::size_t num_whole_a = a.rows() / kNumA * kNumA;
  const std::size_t num_whole_b = b.rows() / kNumB * kNumB;
  // One tile of b stays in the nearest cache while all of a passes by.
  for (std::size_t j = 0; j < num_whole_b; j += kNumB) {
    for (std::size_t i = 0; i < num_whole_a; i += kNumA)
      multiply_tile<kNumA, kNumB>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
    for (std::size_t i = num_whole_a; i < a.rows(); ++i)
      multiply_tile<1, kNumB>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
  }
  for (std::size_t j = num_whole_b; j < b.rows(); ++j) {
    for (std::size_t i = 0; i < a.rows(); ++i)
      multiply_tile<1, 1>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
  }
}

}  // namespace
}  // namespace clipcls::CLIPCLS_PROCESSOR
CLIPCLS_END_KERNEL
