#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// Blends the picture over one colour, as Pillow's paste() with the picture's alpha as the mask, and leaves
/// it without alpha.
void put_on_background(const std::array<std::uint8_t, 3>& background, DecodedImage& decoded);

/// Whether more than half of the pixels let more than half of what is behind them through.
bool is_mostly_transparent(const std::vector<std::uint8_t>& alpha);

}  // namespace clipcls
