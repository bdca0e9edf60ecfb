#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// What stands for bytes that are no character.
inline constexpr char32_t kReplacementCharacter = U'\uFFFD';

/// The code points of `bytes`. Each ill-formed part becomes one U+FFFD, cut as Python's
/// bytes.decode("utf-8", errors="replace") cuts it, so the result holds no surrogate.
std::u32string decode_utf8(std::string_view bytes);

/// Appends the UTF-8 bytes of `code_point` to `bytes`.
void append_utf8(char32_t code_point, std::string& bytes);

}  // namespace clipcls
