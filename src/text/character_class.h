#pragma once

namespace clipcls {

/// The classes the reference splits text by, in the Unicode version of the reference (unicode_ranges.inc).

bool is_letter(char32_t c);         ///< \p{L} of Python's regex module
bool is_number(char32_t c);         ///< \p{N} of Python's regex module
bool is_decimal_digit(char32_t c);  ///< \d of Python's re module, digits of all scripts

/// Where Python's str.split() cuts. That is the regex module's \s and the four separators U+001C to U+001F.
bool is_whitespace(char32_t c);

}  // namespace clipcls
