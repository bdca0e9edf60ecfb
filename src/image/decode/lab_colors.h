#pragma once

#include <cstddef>
#include <cstdint>

namespace clipcls {

/// Turns colours of CIE L*a*b* with white of D50 into those of sRGB, in place: three bytes each, L from 0 to
/// 100 % and a and b from -128 on, become red, green and blue, equal to Pillow's. May be called from several
/// threads at once. Throws Error (kUnsupportedFormat) that names the library, where it is missing.
void lab_to_rgb(std::uint8_t* pixels, std::size_t num_pixels);

/// Opens the library before it is needed, for a process that may open no file later.
void open_lab_library();

}  // namespace clipcls
