#pragma once

namespace clipcls {

/// What byte `c` means in Windows-1252, for `c` from 0x80 to 0x9F. The five bytes that it leaves free stay as
/// they are.
char32_t windows_1252_character(char32_t c);

}  // namespace clipcls
