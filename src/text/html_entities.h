#pragma once

#include <string_view>

namespace clipcls {

/// Named character references; the name comes without its ampersand. A result is empty where there is no such
/// name (no name stands for an empty text).

/// HTML 5's names: all of them with their semicolon, a hundred old ones also without.
std::u32string_view find_html5_entity(std::u32string_view name);

/// The names that ftfy accepts: HTML 5's with a semicolon, and lower-case ones typed in capitals ("EACUTE;").
std::u32string_view find_ftfy_entity(std::u32string_view name);

}  // namespace clipcls
