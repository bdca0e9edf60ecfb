#include "base/matrix.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace clipcls {

void normalize_l2(std::span<float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  if (sum == 0) return;
  const double norm = std::sqrt(sum);
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / norm);
}

double cosine(std::span<const float> a, std::span<const float> b) {
  // All in double: the rounding of a product of floats, and that of unit vectors, is as large as what is
  // looked for.
  const auto dot = [](std::span<const float> x, std::span<const float> y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0, std::plus<>(),
                              [](double left, double right) { return left * right; });
  };
  const double norms = std::sqrt(dot(a, a) * dot(b, b));
  return norms > 0 ? dot(a, b) / norms : 0;
}

double smallest_cosine(const Matrix& actual, const Matrix& expected) {
  double smallest = 1;
  for (std::size_t row = 0; row < expected.rows; ++row)
    smallest = std::min(smallest, cosine(actual.row(row), expected.row(row)));
  return smallest;
}

}  // namespace clipcls
