#include <bit>
#include <string>
#include <utility>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "pipeline/npy_file.h"

namespace clipcls {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are written as they lie in memory");

// Magic, version and length take 10 bytes, the longest text of a shape about 90; NumPy wants the values at a
// multiple of 64.
constexpr std::size_t kHeaderSize = 128;

std::string make_header(std::size_t rows, std::size_t cols) {
  constexpr std::size_t kTextSize = kHeaderSize - 10;
  // Its length is two bytes, little-endian, and the second is written as 0 below.
  static_assert(kTextSize < 256);
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(kTextSize);
  header += '\0';
  header += "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
            std::to_string(cols) + "), }";
  // The format pads with spaces and ends the header with a line feed.
  header.resize(kHeaderSize - 1, ' ');
  return header + '\n';
}

}  // namespace

NpyWriter::NpyWriter(std::filesystem::path path, std::size_t cols)
    : path_(std::move(path)), cols_(cols), file_(path_, std::ios::binary | std::ios::trunc) {
  if (!file_) throw cannot_be_written(path_);
  file_ << std::string(kHeaderSize, '\0');  // no magic yet
}

void NpyWriter::append(std::span<const float> row) {
  file_.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size_bytes()));
  if (!file_) throw Error(ErrorKind::kOutput, path_.string() + ": writing failed; is the disk full?");
  ++rows_;
}

void NpyWriter::finish() {
  // The number of rows is known only now. Until here the file has no magic, so that nobody reads half of it.
  file_.seekp(0);
  file_ << make_header(rows_, cols_);
  file_.close();
  if (!file_) throw Error(ErrorKind::kOutput, path_.string() + ": writing failed; is the disk full?");
}

}  // namespace clipcls
