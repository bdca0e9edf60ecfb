#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace clipcls {

using TokenId = std::uint32_t;

constexpr TokenId kNumBytes = 256;

/// The smallest symbols: each byte inside a word (ids 0 to 255), and each as a word's last byte (256 to 511).
constexpr TokenId kNumByteSymbols = 2 * kNumBytes;

/// The id of each byte inside a word; as the last byte of a word it is kNumBytes higher.
const std::array<TokenId, kNumBytes>& byte_token_ids();

/// How a merges file writes `byte`, in UTF-8: printable Latin-1 bytes stand for themselves, the others take
/// the characters from U+0100 on, so that no symbol has a space in it.
std::string byte_symbol(unsigned char byte);

}  // namespace clipcls
