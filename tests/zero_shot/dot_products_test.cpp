#include "zero_shot/dot_products.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/kernel_variants.h"

namespace clipcls {
namespace {

/// The order of Note [Same bits], spelled out.
double expected_product(std::span<const float> a, std::span<const float> b) {
  double sums[8] = {};
  for (std::size_t i = 0; i < a.size(); ++i)
    sums[i % 8] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

class DotProducts : public KernelVariantTest {};

TEST_P(DotProducts, HaveTheBitsOfTheWrittenOrder) {
  for (const std::size_t cols : {1U, 7U, 8U, 9U, 512U}) {
    for (const std::size_t rows : {1U, 2U, 3U, 5U, 13U}) {
      Matrix a(rows, cols);
      Matrix b(11, cols);
      for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] = std::sin(static_cast<float>(i));
      for (std::size_t i = 0; i < b.values.size(); ++i) b.values[i] = std::cos(static_cast<float>(3 * i));
      std::vector<double> products(rows * b.rows);
      dot_products(DoubleRows(a.values, rows, cols), DoubleRows(b.values, b.rows, cols), products,
                   GetParam());
      for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < b.rows; ++j)
          EXPECT_EQ(products[i * b.rows + j], expected_product(a.row(i), b.row(j))) << i << ' ' << j;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Variants, DotProducts, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls
