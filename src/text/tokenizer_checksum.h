#pragma once

#include <string>
#include <string_view>

namespace clipcls {

// The header of a tokenizer.bin has a checksum of what follows it.

/// That checksum, as hexadecimal digits. It stands for the contents, and costs no more than reading the
/// header. Throws Error (kModel), without the file's name, where `bytes` are no tokenizer.bin.
std::string stored_tokenizer_checksum(std::string_view bytes);

/// Whether what follows the header has that checksum. Throws likewise.
bool has_right_tokenizer_checksum(std::string_view bytes);

}  // namespace clipcls
