#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/shortened.h"
#include "clipcls/error.h"
#include "features_error.h"
#include "files/mapped_file.h"
#include "npy_header.h"
#include "pipeline/npy_file.h"

namespace clipcls {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kPreambleSize = 10;  // magic, version, length of the header's text

struct Shape {
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
};

/// The shape in "(3, 4)"; nothing for any other number of dimensions.
std::optional<Shape> parse_shape(std::string_view text) {
  Shape shape;
  const auto take = [&](std::string_view token) {
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
  };
  const auto take_number = [&](std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc();
  };
  // NumPy writes exactly one space behind a comma.
  const bool is_right = take("(") && take_number(shape.rows) && take(", ") && take_number(shape.cols) &&
                        (take(",)") || take(")")) && text.empty();
  return is_right ? std::optional(shape) : std::nullopt;
}

/// Shown in an error; a hostile header may be 64 KB of anything.
std::string shown(std::string_view text) {
  constexpr std::size_t kMaxLength = 60;
  return text.empty() ? "missing" : "is " + shortened(text, kMaxLength);
}

std::shared_ptr<const MappedFile> map_file(const std::filesystem::path& path) {
  std::shared_ptr<const MappedFile> mapped;
  try {
    mapped = std::make_shared<const MappedFile>(path, MappedFile::Access::kRead, ErrorKind::kFeatures);
  } catch (const Error& error) {
    fail(path, error.what());
  }
  if (mapped->text().size() < kPreambleSize) fail(path, "is not a .npy file: it is shorter than a header");
  // A hint to the kernel: pages are read ahead and may be dropped behind.
  mapped->expect_one_pass();
  return mapped;
}

/// The text of the header, which starts behind the preamble.
std::string_view header_text(const std::filesystem::path& path, std::string_view bytes) {
  const auto number_at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
  if (!bytes.starts_with(kMagic)) fail(path, "is not a .npy file: magic is not \\x93NUMPY");
  // The .npy format, version 1.0: magic (6 bytes), major, minor, header length (2 bytes, little-endian),
  // header.
  if (number_at(6) != 1 || number_at(7) != 0) {
    fail(path, "version is " + std::to_string(number_at(6)) + "." + std::to_string(number_at(7)) +
                   ", expected 1.0");
  }
  const std::size_t size = number_at(8) | number_at(9) << 8U;
  if (size > bytes.size() - kPreambleSize)
    fail(path, "is truncated: its header says it has " + std::to_string(size) + " bytes");
  return bytes.substr(kPreambleSize, size);
}

/// The shape of float32 values in C order; throws for all else.
Shape require_shape(const std::filesystem::path& path, const NpyHeader& header) {
  // float32, little-endian. Any other type would have to be converted, and is nothing that embed writes.
  if (header.descr != "'<f4'") fail(path, "field descr " + shown(header.descr) + ", expected '<f4'");
  if (header.fortran_order != "False")
    fail(path, "field fortran_order " + shown(header.fortran_order) + ", expected False");
  const auto shape = parse_shape(header.shape);
  if (!shape || shape->cols == 0)
    fail(path, "field shape " + shown(header.shape) + ", expected (num_images, embed_dim)");
  return *shape;
}

}  // namespace

NpyMatrix::NpyMatrix(const std::filesystem::path& path) {
  const std::shared_ptr<const MappedFile> mapping = map_file(path);
  const std::string_view bytes = mapping->text();
  const std::string_view text = header_text(path, bytes);
  NpyHeader header;
  if (!parse_npy_header(text, header))
    fail(path, "its header is not the dictionary of descr, fortran_order and shape that NumPy writes");
  const Shape shape = require_shape(path, header);

  const std::size_t offset = kPreambleSize + text.size();
  const std::size_t num_bytes = bytes.size() - offset;
  const std::uint64_t num_values = num_bytes / sizeof(float);
  // Division, as a product of hostile numbers may wrap around.
  if (num_bytes % sizeof(float) != 0 || num_values % shape.cols != 0 ||
      num_values / shape.cols != shape.rows) {
    fail(path, "field shape " + shown(header.shape) + ", and " + std::to_string(num_bytes) +
                   " bytes follow the header: it is truncated or too long");
  }
  // The values are read where they are mapped, so they must be aligned.
  if (offset % sizeof(float) != 0)
    fail(path, "its values start at byte " + std::to_string(offset) + ", expected a multiple of 64");
  mapping_ = mapping;
  values_ = reinterpret_cast<const float*>(bytes.data() + offset);
  rows_ = static_cast<std::size_t>(shape.rows);
  cols_ = static_cast<std::size_t>(shape.cols);
}

}  // namespace clipcls
