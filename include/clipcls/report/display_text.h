#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// Columns that `text` (UTF-8) takes in a terminal: East Asian wide characters and emoji two, combining marks
/// none.
int display_width(std::string_view text);

/// `text` with control characters written as \xNN and bytes that are not UTF-8 as U+FFFD, so that a file's
/// name can never steer the terminal.
std::string printable(std::string_view text);

}  // namespace clipcls
