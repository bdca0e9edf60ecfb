#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace clipcls {

/// Row-major floats, [rows, cols]: the one array type that crosses module borders.
struct Matrix {
  Matrix() = default;
  Matrix(std::size_t num_rows, std::size_t num_cols)
      : rows(num_rows), cols(num_cols), values(num_rows * num_cols) {}

  std::span<float> row(std::size_t index) { return {values.data() + index * cols, cols}; }
  std::span<const float> row(std::size_t index) const { return {values.data() + index * cols, cols}; }

  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<float> values;  ///< rows * cols floats
};

/// Divides `values` by their L2 norm; all zeros stay all zeros.
void normalize_l2(std::span<float> values);

/// The cosine of two vectors of one length, summed in double; 0 where one has no direction.
double cosine(std::span<const float> a, std::span<const float> b);

/// The cosine of the two rows of one index that are least alike. The worst row decides: a mean would hide one
/// that is wrong. Both: [rows, cols].
double smallest_cosine(const Matrix& actual, const Matrix& expected);

}  // namespace clipcls
