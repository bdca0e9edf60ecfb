#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/pipeline/npy_file.h"
#include "npy_header.h"

namespace clipcls {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr std::size_t kPreambleSize = 10;  // magic, version, length of the header's text

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& message) {
  throw Error(ErrorKind::kFeatures, path.string() + ": " + message);
}

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

}  // namespace

NpyMatrix::NpyMatrix(const std::filesystem::path& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not block
  if (descriptor < 0) fail(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status {};
  const bool is_file = fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  mapping_size_ = is_file ? static_cast<std::size_t>(status.st_size) : 0;
  if (mapping_size_ >= kPreambleSize)
    mapping_ = mmap(nullptr, mapping_size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  close(descriptor);
  if (mapping_size_ < kPreambleSize) fail(path, "is no .npy file: it is shorter than a header");
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    fail(path, std::string("cannot be mapped into memory: ") + std::strerror(errno));
  }
  // From here on the destructor of a finished object would unmap; a constructor that throws has none.
  try {
    const std::string_view bytes(static_cast<const char*>(mapping_), mapping_size_);
    if (!bytes.starts_with(kMagic)) fail(path, "is no .npy file: magic is not \\x93NUMPY");
    if (bytes[6] != 1 || bytes[7] != 0) {
      fail(path, "version is " + std::to_string(static_cast<unsigned char>(bytes[6])) + "." +
                     std::to_string(static_cast<unsigned char>(bytes[7])) + ", expected 1.0");
    }
    const std::size_t text_size =
        static_cast<unsigned char>(bytes[8]) | std::size_t{static_cast<unsigned char>(bytes[9])} << 8U;
    if (text_size > bytes.size() - kPreambleSize)
      fail(path, "is truncated: its header says it has " + std::to_string(text_size) + " bytes");
    NpyHeader header;
    if (!parse_npy_header(bytes.substr(kPreambleSize, text_size), header))
      fail(path, "its header is not the dictionary of descr, fortran_order and shape that NumPy writes");
    if (header.descr != "'<f4'") fail(path, "field descr " + shorten(header.descr) + ", expected '<f4'");
    if (header.fortran_order != "False")
      fail(path, "field fortran_order " + shorten(header.fortran_order) + ", expected False");
    const auto shape = parse_shape(header.shape);
    if (!shape || shape->cols == 0)
      fail(path, "field shape " + shorten(header.shape) + ", expected (num_images, embed_dim)");
    const std::size_t offset = kPreambleSize + text_size;
    const std::uint64_t num_values = (bytes.size() - offset) / sizeof(float);
    // Division first: a product of hostile numbers may wrap around.
    if (shape->rows != num_values / shape->cols || num_values % shape->cols != 0 ||
        (bytes.size() - offset) % sizeof(float) != 0) {
      fail(path, "field shape " + shorten(header.shape) + ", and " + std::to_string(bytes.size() - offset) +
                     " bytes follow the header: it is truncated or too long");
    }
    if (offset % sizeof(float) != 0)
      fail(path, "its values start at byte " + std::to_string(offset) + ", expected a multiple of 64");
    rows_ = static_cast<std::size_t>(shape->rows);
    cols_ = static_cast<std::size_t>(shape->cols);
    values_ = reinterpret_cast<const float*>(bytes.data() + offset);
    madvise(mapping_, mapping_size_, MADV_SEQUENTIAL);
  } catch (...) {
    munmap(mapping_, mapping_size_);
    throw;
  }
}

NpyMatrix::~NpyMatrix() {
  if (mapping_ != nullptr) munmap(mapping_, mapping_size_);
}

NpyMatrix::NpyMatrix(NpyMatrix&& other) noexcept { *this = std::move(other); }

NpyMatrix& NpyMatrix::operator=(NpyMatrix&& other) noexcept {
  std::swap(rows_, other.rows_);
  std::swap(cols_, other.cols_);
  std::swap(values_, other.values_);
  std::swap(mapping_, other.mapping_);
  std::swap(mapping_size_, other.mapping_size_);
  return *this;
}

}  // namespace clipcls
