#include "base/content_hash.h"

#define XXH_INLINE_ALL  // the library is one header
#include <xxhash.h>

#include <algorithm>

namespace clipcls {

struct ContentHash::State {
  XXH3_state_t xxh3;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh3); }
ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&& other) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&& other) noexcept = default;

void ContentHash::add_bytes(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

void ContentHash::add_text(std::string_view text) {
  add_number(text.size());
  add_bytes(std::as_bytes(std::span(text)));
}

void ContentHash::add_number(std::uint64_t number) {
  std::array<std::byte, 8> bytes{};
  for (std::byte& byte : bytes) {  // least significant first on every machine
    byte = static_cast<std::byte>(number & 0xFFU);
    number >>= 8U;
  }
  add_bytes(bytes);
}

ContentHash::Digest ContentHash::digest() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->xxh3));
  Digest digest{};
  std::copy_n(std::begin(canonical.digest), digest.size(), digest.begin());
  return digest;
}

std::string ContentHash::hex_digest() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest()) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace clipcls
