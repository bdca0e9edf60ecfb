#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace clipcls {

/// A 128-bit checksum (XXH3) of what it is fed: it tells contents apart and notices damage. It is no
/// protection against somebody who makes two contents with one checksum on purpose.
class ContentHash {
 public:
  using Digest = std::array<std::uint8_t, 16>;

  ContentHash();
  ~ContentHash();
  ContentHash(ContentHash&& other) noexcept;
  ContentHash& operator=(ContentHash&& other) noexcept;

  /// Adds bytes as they are: two pieces count as their concatenation.
  void add_bytes(std::span<const std::byte> bytes);

  /// Adds a text with its length, so that "ab", "c" and "a", "bc" differ.
  void add_text(std::string_view text);

  /// Adds a number as eight bytes.
  void add_number(std::uint64_t number);

  /// The digest of all bytes added so far.
  Digest digest() const;
  std::string hex_digest() const;  ///< 32 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clipcls
