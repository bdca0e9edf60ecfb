#include "image/pixels.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/page_size.h"
#include "base/round_up.h"

namespace clipcls {
namespace {

// From here on a picture has pages of its own, but where sanitizers watch over the memory of the C library.
#ifdef CLIPCLS_SANITIZED
constexpr std::size_t kLarge = ~std::size_t{0} / 2;
#else
constexpr std::size_t kLarge = 1U << 20;
#endif

std::span<std::uint8_t> shared;

/// Null where it does not fit.
std::uint8_t* take_shared(std::size_t size) {
  const std::size_t num_taken = round_up(size, kPageBytes);
  if (num_taken > shared.size()) return nullptr;
  std::uint8_t* const memory = shared.data();
  shared = shared.subspan(num_taken);
  return memory;
}

}  // namespace

Pixels::Pixels(std::size_t size) : size_(size) {
  if (size < kLarge) {
    small_ = std::make_unique<std::uint8_t[]>(size);
    data_ = small_.get();
  } else if (std::uint8_t* const memory = take_shared(size)) {
    data_ = memory;
    std::memset(data_, 0, size);
  } else {
    large_ = PageMemory(size);
    data_ = static_cast<std::uint8_t*>(large_.data());
  }
}

Pixels::Pixels(std::span<const std::uint8_t> bytes) : Pixels(bytes.size()) {
  std::ranges::copy(bytes, data_);
}

Pixels& Pixels::operator=(const Pixels& other) { return *this = Pixels(other); }

Pixels::Pixels(Pixels&& other) noexcept
    : small_(std::move(other.small_)),
      large_(std::move(other.large_)),
      owner_(std::move(other.owner_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Pixels& Pixels::operator=(Pixels&& other) noexcept {
  small_ = std::move(other.small_);
  large_ = std::move(other.large_);
  owner_ = std::move(other.owner_);
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  return *this;
}

void Pixels::own() {
  if (owner_) *this = Pixels(std::span<const std::uint8_t>(data_, size_));
}

bool operator==(const Pixels& one, std::span<const std::uint8_t> other) {
  return std::ranges::equal(std::span(one), other);
}

void place_pixels_in(std::span<std::uint8_t> memory) { shared = memory; }

}  // namespace clipcls
