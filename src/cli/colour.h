#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace clipcls {

/// Red, green and blue of "white", "black", "grey" ("gray"), "#rgb" or "#rrggbb". Throws
/// CLI::ValidationError.
std::array<std::uint8_t, 3> parse_colour(const std::string& text);

}  // namespace clipcls
