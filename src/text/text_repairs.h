#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// ftfy's four repairs of single characters: C1 controls become what Windows-1252 has in their place, Latin
/// ligatures ("ﬁ") and full- and half-width forms their plain letters, curly quotes straight ones.
std::u32string replace_characters(std::u32string_view text);

/// Line breaks of all kinds become "\n".
std::u32string fix_line_breaks(std::u32string_view text);

/// Removes ANSI escape sequences, such as "\x1b[1m".
std::u32string remove_terminal_escapes(std::u32string_view text);

/// Removes control characters that show nothing; tabs, line breaks, joiners and direction marks stay.
std::u32string remove_control_characters(std::u32string_view text);

}  // namespace clipcls
