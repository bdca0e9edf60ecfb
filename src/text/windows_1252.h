#pragma once

namespace clipcls {

/// What byte `c`, from 0x80 to 0x9F, means in Windows-1252. The five bytes that it leaves free stay
/// themselves.
char32_t windows_1252_character(char32_t c);

}  // namespace clipcls
