#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace clipcls {

/// Red, green and blue of "white", "black", "grey" ("gray"), "#rgb" or "#rrggbb". Throws
/// Error (kUsage).
std::array<std::uint8_t, 3> parse_colour(const std::string& text);

/// As "#rrggbb".
std::string colour_text(const std::array<std::uint8_t, 3>& colour);

}  // namespace clipcls
