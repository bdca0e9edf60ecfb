#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>

#include "base/page_memory.h"

namespace clipcls {

/// The bytes of a picture. Like a std::vector whose size does not change, but large ones have pages of their
/// own: the pages of 36 MB, one by one, cost as much time as a fast decoder needs for a fifth of its work.
class Pixels {
 public:
  Pixels() = default;
  /// Zeros. Throws std::bad_alloc.
  explicit Pixels(std::size_t size);
  explicit Pixels(std::span<const std::uint8_t> bytes);
  /// These bytes themselves, which live as long as `owner`. Another process may write there: who reads them
  /// twice may find others.
  Pixels(std::span<std::uint8_t> bytes, std::shared_ptr<const void> owner)
      : owner_(std::move(owner)), data_(bytes.data()), size_(bytes.size()) {}
  Pixels(std::initializer_list<std::uint8_t> bytes) : Pixels(std::span(bytes.begin(), bytes.size())) {}
  ~Pixels() = default;
  /// A copy in memory of its own.
  Pixels(const Pixels& other) : Pixels(std::span(other)) {}
  Pixels& operator=(const Pixels& other);
  Pixels(Pixels&& other) noexcept;
  Pixels& operator=(Pixels&& other) noexcept;

  /// Lets an owner go: the bytes are copied.
  void own();
  void assign(const std::uint8_t* first, const std::uint8_t* last) { *this = Pixels(std::span(first, last)); }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::uint8_t* begin() { return data_; }
  std::uint8_t* end() { return data_ + size_; }
  const std::uint8_t* begin() const { return data_; }
  const std::uint8_t* end() const { return data_ + size_; }
  std::uint8_t& operator[](std::size_t index) {
    assert(index < size_);
    return data_[index];
  }
  const std::uint8_t& operator[](std::size_t index) const {
    assert(index < size_);
    return data_[index];
  }

  friend bool operator==(const Pixels& one, std::span<const std::uint8_t> other);
  friend bool operator==(const Pixels& one, const Pixels& other) { return one == std::span(other); }

 private:
  std::unique_ptr<std::uint8_t[]> small_;  // one of these, or none: see place_pixels_in()
  PageMemory large_;
  std::shared_ptr<const void> owner_;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

/// From here on large pictures lie in `memory`, one behind the other, as long as it lasts; what is freed
/// comes back with the next call. For a process that shares this memory and decodes on one thread.
void place_pixels_in(std::span<std::uint8_t> memory);

}  // namespace clipcls
