#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clipcls {

/// Columns that `text` (UTF-8) takes in a terminal: East Asian wide characters and emoji two, combining marks
/// none.
int display_width(std::string_view text);

/// `text` with control characters written as \xNN and bytes that are not UTF-8 as U+FFFD, so that a file's
/// name can never steer the terminal.
std::string printable(std::string_view text);

/// Bytes of the first character of `text`, which is not empty; 1 where it is not UTF-8.
std::size_t first_character_size(std::string_view text);

/// Whether `character`, one as first_character_size() cuts it, is UTF-8 and no control character.
bool is_plain_character(std::string_view character);

/// Whether `bytes` are well-formed UTF-8.
bool is_utf8(std::string_view bytes);

}  // namespace clipcls
