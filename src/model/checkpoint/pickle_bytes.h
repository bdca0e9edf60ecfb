#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// The bytes of a pickle, read from the front. Everything throws Error (kModel) at their end.
class PickleBytes {
 public:
  explicit PickleBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }

  std::span<const std::byte> take(std::size_t size) {
    if (size > bytes_.size() - position_) throw Error(ErrorKind::kModel, "is a pickle that ends too early");
    position_ += size;
    return bytes_.subspan(position_ - size, size);
  }

  template <typename Number>
  Number number() {
    Number result;
    std::memcpy(&result, take(sizeof(Number)).data(), sizeof(Number));
    return result;
  }

  std::string text(std::size_t size) {
    const auto bytes = take(size);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  std::string line() {
    std::string result;
    for (std::string byte = text(1); byte != "\n"; byte = text(1)) result += byte;
    return result;
  }

  std::int64_t long_integer() {
    const std::size_t size = number<std::uint8_t>();
    if (size > sizeof(std::int64_t))
      throw Error(ErrorKind::kModel, "is a pickle with an integer of " + std::to_string(size) + " bytes");
    std::uint64_t bits = 0;
    const auto bytes = take(size);
    for (std::size_t i = 0; i < size; ++i) bits |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    const bool is_negative =
        size > 0 && size < 8 && (std::to_integer<unsigned>(bytes[size - 1]) & 0x80U) != 0;
    if (is_negative) bits |= ~std::uint64_t{0} << (8 * size);
    return static_cast<std::int64_t>(bits);
  }

  double big_endian_double() {
    std::uint64_t bits = 0;
    for (const std::byte byte : take(8)) bits = (bits << 8U) | std::to_integer<std::uint64_t>(byte);
    return std::bit_cast<double>(bits);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
};

}  // namespace clipcls
