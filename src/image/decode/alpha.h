#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// Takes pixels of red, green, blue and alpha, in rows that begin `row_bytes` bytes apart, into a picture
/// that has its size already.
void take_rgba(const std::uint8_t* rgba, std::size_t row_bytes, DecodedImage& decoded);

/// Colours that were multiplied by alpha, as Pillow divides them by it: RGBa to RGBA.
void undo_premultiplication(DecodedImage& decoded);

/// Blends the picture over one colour, as Pillow's paste() with the picture's alpha as the mask, and leaves
/// it without alpha.
void put_on_background(const std::array<std::uint8_t, 3>& background, DecodedImage& decoded);

/// Whether more than half of the pixels let more than half of what is behind them through.
bool is_mostly_transparent(const std::vector<std::uint8_t>& alpha);

}  // namespace clipcls
