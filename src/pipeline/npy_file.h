#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>

namespace clipcls {

/// Writes float32 [rows, cols] in NumPy's format 1.0, row by row: the number of rows need not be known before
/// the end. The file is no .npy file until finish().
class NpyWriter {
 public:
  /// Throws Error (kOutput) when the file cannot be made.
  NpyWriter(std::filesystem::path path, std::size_t cols);

  /// `row`: [cols]
  void append(std::span<const float> row);

  /// Writes the header. Throws Error (kOutput) when anything was lost, as on a full disk.
  void finish();

  std::size_t rows() const { return rows_; }

 private:
  std::filesystem::path path_;
  std::size_t rows_ = 0;
  std::size_t cols_;
  std::ofstream file_;
};

/// A .npy file of float32 [rows, cols], mapped into memory: what is not read takes none.
class NpyMatrix {
 public:
  /// Checks the header against the file's real size. Throws Error (kFeatures) that names the file and the
  /// field unless it is format 1.0, '<f4', C order, of two dimensions and exactly as long as they say.
  explicit NpyMatrix(const std::filesystem::path& path);

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }

  /// `num_rows` rows from `begin`: [num_rows, cols]
  std::span<const float> block(std::size_t begin, std::size_t num_rows) const {
    return {values_ + begin * cols_, num_rows * cols_};
  }

 private:
  std::shared_ptr<const void> mapping_;  ///< keeps `values_` readable
  const float* values_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t cols_ = 0;
};

}  // namespace clipcls
