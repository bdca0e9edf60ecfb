#include "base/matrix.h"

#include <algorithm>
#include <cmath>
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
  std::vector<float> unit_a(a.begin(), a.end());
  std::vector<float> unit_b(b.begin(), b.end());
  normalize_l2(unit_a);
  normalize_l2(unit_b);
  // 0.0 makes the sum a double: in float its rounding would be as large as what is looked for.
  return std::inner_product(unit_a.begin(), unit_a.end(), unit_b.begin(), 0.0);
}

double smallest_cosine(const Matrix& actual, const Matrix& expected) {
  double smallest = 1;
  for (std::size_t row = 0; row < expected.rows; ++row)
    smallest = std::min(smallest, cosine(actual.row(row), expected.row(row)));
  return smallest;
}

}  // namespace clipcls
