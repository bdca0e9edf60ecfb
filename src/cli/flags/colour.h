#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace clipcls {

/// Red, green and blue of "white", "black", "grey" ("gray"), "#rgb" or "#rrggbb". Throws Error
/// (kUsage).
std::array<std::uint8_t, 3> parse_colour(const std::string& text);

/// "#rrggbb"; empty: none.
std::string colour_text(const std::optional<std::array<std::uint8_t, 3>>& colour);

}  // namespace clipcls
