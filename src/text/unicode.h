#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// Unicode algorithms, from ICU. They know the characters of Unicode 14 and no later ones, as Python 3.11
/// does, whichever ICU is installed: a text's token ids are the same on every machine.

/// Normalization form C. `text` holds no surrogates.
std::u32string normalize_nfc(std::u32string_view text);

/// Normalization form D as Unicode 9 has it, which is that of Hugging Face's tokenizers: later marks keep
/// their place.
std::u32string normalize_nfd_9(std::u32string_view text);

/// Normalization form KC of one character.
std::u32string compatibility_form(char32_t c);

/// str.lower() of Python: full lower-casing, with a capital sigma at the end of a word becoming a final one.
std::u32string to_lower(std::u32string_view text);

}  // namespace clipcls
