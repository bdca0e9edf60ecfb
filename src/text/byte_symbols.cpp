#include "byte_symbols.h"

#include <cstddef>

#include "utf8.h"

namespace clipcls {
namespace {

// OpenAI's bytes_to_unicode(): '!' to '~', '¡' to '¬' and '®' to 'ÿ'. The others become U+0100 and on, so
// that no symbol is a blank or a control character.
constexpr bool is_printable(std::size_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

// The printable bytes come first, in order, then the others.
constexpr std::array<TokenId, kNumBytes> kByteTokenIds = [] {
  std::array<TokenId, kNumBytes> ids{};
  TokenId next = 0;
  for (std::size_t byte = 0; byte < kNumBytes; ++byte) {
    if (is_printable(byte)) ids[byte] = next++;
  }
  for (std::size_t byte = 0; byte < kNumBytes; ++byte) {
    if (!is_printable(byte)) ids[byte] = next++;
  }
  return ids;
}();

constexpr TokenId kFirstUnprintableId = kByteTokenIds[0];

}  // namespace

const std::array<TokenId, kNumBytes>& byte_token_ids() { return kByteTokenIds; }

std::string byte_symbol(unsigned char byte) {
  const char32_t character = is_printable(byte) ? byte : 0x100 + kByteTokenIds[byte] - kFirstUnprintableId;
  std::string symbol;
  append_utf8(character, symbol);
  return symbol;
}

}  // namespace clipcls
