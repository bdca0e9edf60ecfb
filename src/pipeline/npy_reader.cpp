#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clipcls/error.h"
#include "clipcls/pipeline/npy_file.h"
#include "features_error.h"
#include "npy_header.h"

namespace clipcls {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kPreambleSize = 10;  // magic, version, length of the header's text

struct Shape {
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
};

/// Of "(3, 4)"; nothing for any other number of dimensions.
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
  const bool is_right = take("(") && take_number(shape.rows) && take(", ") && take_number(shape.cols) &&
                        (take(",)") || take(")")) && text.empty();
  return is_right ? std::optional(shape) : std::nullopt;
}

/// Shown in an error; a hostile header may be 64 KB of anything.
std::string shorten(std::string_view text) {
  constexpr std::size_t kMaxLength = 60;
  if (text.empty()) return "missing";
  return "is " + std::string(text.substr(0, kMaxLength)) + (text.size() > kMaxLength ? "..." : "");
}

/// A file's bytes, read when they are looked at. Unmapped at the end.
class FileMapping {
 public:
  explicit FileMapping(const std::filesystem::path& path) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not block
    if (descriptor < 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    const bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
    size_ = is_file ? static_cast<std::size_t>(status.st_size) : 0;
    if (size_ >= kPreambleSize) bytes_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int problem = errno;
    close(descriptor);
    if (size_ < kPreambleSize) fail(path, "is no .npy file: it is shorter than a header");
    if (bytes_ == MAP_FAILED)
      fail(path, std::string("cannot be mapped into memory: ") + std::strerror(problem));
    madvise(bytes_, size_, MADV_SEQUENTIAL);
  }
  ~FileMapping() { munmap(bytes_, size_); }
  FileMapping(const FileMapping&) = delete;
  FileMapping& operator=(const FileMapping&) = delete;
  FileMapping(FileMapping&&) = delete;
  FileMapping& operator=(FileMapping&&) = delete;

  std::string_view bytes() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  void* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// The text of the header, which starts behind the preamble.
std::string_view header_text(const std::filesystem::path& path, std::string_view bytes) {
  const auto number_at = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(bytes[i])}; };
  if (!bytes.starts_with(kMagic)) fail(path, "is no .npy file: magic is not \\x93NUMPY");
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
  if (header.descr != "'<f4'") fail(path, "field descr " + shorten(header.descr) + ", expected '<f4'");
  if (header.fortran_order != "False")
    fail(path, "field fortran_order " + shorten(header.fortran_order) + ", expected False");
  const auto shape = parse_shape(header.shape);
  if (!shape || shape->cols == 0)
    fail(path, "field shape " + shorten(header.shape) + ", expected (num_images, embed_dim)");
  return *shape;
}

}  // namespace

NpyMatrix::NpyMatrix(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<const FileMapping>(path);
  const std::string_view bytes = mapping->bytes();
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
    fail(path, "field shape " + shorten(header.shape) + ", and " + std::to_string(num_bytes) +
                   " bytes follow the header: it is truncated or too long");
  }
  if (offset % sizeof(float) != 0)
    fail(path, "its values start at byte " + std::to_string(offset) + ", expected a multiple of 64");
  mapping_ = mapping;
  values_ = reinterpret_cast<const float*>(bytes.data() + offset);
  rows_ = static_cast<std::size_t>(shape.rows);
  cols_ = static_cast<std::size_t>(shape.cols);
}

}  // namespace clipcls
