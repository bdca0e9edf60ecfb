#include "dot_products.h"

#include <algorithm>
#include <cstring>

namespace clipcls {
namespace {

constexpr std::size_t kNumLanes = 8;

// Vectors as wide as a processor's registers; several make up the eight lanes.
typedef double TwoDoubles __attribute__((vector_size(16)));    // NOLINT(modernize-use-using): the attribute
typedef double FourDoubles __attribute__((vector_size(32)));   // NOLINT(modernize-use-using)
typedef double EightDoubles __attribute__((vector_size(64)));  // NOLINT(modernize-use-using)

// Every function that handles vectors is inlined into one of the three loops below, which differ in nothing
// but the instructions that the compiler may use and in how many sums fit into the registers.
#define CLIPCLS_INLINE inline __attribute__((always_inline))

/// NUM_A x NUM_B dot products at once: each row that is read takes part in several.
template <typename Vector, std::size_t NUM_A, std::size_t NUM_B>
CLIPCLS_INLINE void multiply_tile(const double* a, const double* b, std::size_t stride, double* products,
                                  std::size_t products_stride) {
  constexpr std::size_t kWidth = sizeof(Vector) / sizeof(double);
  constexpr std::size_t kNumVectors = kNumLanes / kWidth;
  Vector sums[NUM_A][NUM_B][kNumVectors] = {};
  for (std::size_t column = 0; column < stride; column += kNumLanes) {
    for (std::size_t v = 0; v < kNumVectors; ++v) {
      Vector of_b[NUM_B];
      for (std::size_t j = 0; j < NUM_B; ++j)
        std::memcpy(&of_b[j], b + j * stride + column + v * kWidth, sizeof(Vector));
      for (std::size_t i = 0; i < NUM_A; ++i) {
        Vector of_a;
        std::memcpy(&of_a, a + i * stride + column + v * kWidth, sizeof(Vector));
        for (std::size_t j = 0; j < NUM_B; ++j) sums[i][j][v] += of_a * of_b[j];
      }
    }
  }
  for (std::size_t i = 0; i < NUM_A; ++i) {
    for (std::size_t j = 0; j < NUM_B; ++j) {
      double sum[kNumLanes];
      std::memcpy(sum, sums[i][j], sizeof(sum));
      products[i * products_stride + j] =
          ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
    }
  }
}

/// All tiles; what is left at the edges goes in tiles of one.
template <typename Vector, std::size_t NUM_A, std::size_t NUM_B>
CLIPCLS_INLINE void multiply(const DoubleRows& a, const DoubleRows& b, double* products) {
  const std::size_t stride = a.stride();
  const std::size_t num_whole_a = a.rows() / NUM_A * NUM_A;
  const std::size_t num_whole_b = b.rows() / NUM_B * NUM_B;
  // One tile of b stays in the nearest cache while all of a passes by.
  for (std::size_t j = 0; j < num_whole_b; j += NUM_B) {
    for (std::size_t i = 0; i < num_whole_a; i += NUM_A)
      multiply_tile<Vector, NUM_A, NUM_B>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
    for (std::size_t i = num_whole_a; i < a.rows(); ++i)
      multiply_tile<Vector, 1, NUM_B>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
  }
  for (std::size_t j = num_whole_b; j < b.rows(); ++j) {
    for (std::size_t i = 0; i < a.rows(); ++i)
      multiply_tile<Vector, 1, 1>(a.row(i), b.row(j), stride, products + i * b.rows() + j, b.rows());
  }
}

void multiply_portably(const DoubleRows& a, const DoubleRows& b, double* products) {
  multiply<TwoDoubles, 1, 2>(a, b, products);
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void multiply_with_avx2(const DoubleRows& a, const DoubleRows& b,
                                                            double* products) {
  multiply<FourDoubles, 2, 2>(a, b, products);
}

__attribute__((target("avx512f"))) void multiply_with_avx512(const DoubleRows& a, const DoubleRows& b,
                                                             double* products) {
  multiply<EightDoubles, 4, 4>(a, b, products);
}
#endif

}  // namespace

DoubleRows::DoubleRows(std::span<const float> values, std::size_t rows, std::size_t cols)
    : rows_(rows), stride_((cols + kNumLanes - 1) / kNumLanes * kNumLanes), values_(rows * stride_) {
  for (std::size_t row = 0; row < rows; ++row)
    std::ranges::copy(values.subspan(row * cols, cols),
                      values_.begin() + static_cast<std::ptrdiff_t>(row * stride_));
}

void dot_products(const DoubleRows& a, const DoubleRows& b, std::span<double> products,
                  KernelVariant variant) {
#if defined(__x86_64__)
  function_for(variant, &multiply_portably, &multiply_with_avx2, &multiply_with_avx512)(a, b,
                                                                                        products.data());
#else
  static_cast<void>(variant);
  multiply_portably(a, b, products.data());
#endif
}

}  // namespace clipcls
