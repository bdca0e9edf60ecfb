#pragma once

#include <algorithm>
#include <cstdint>

namespace clipcls {

/// What of red, green or blue a colour of ink and the black ink leave, as Pillow has it. 255 is all ink.
inline std::uint8_t without_ink(unsigned ink, unsigned black) {
  const unsigned product = ink * (255 - black) + 128;
  const auto taken = static_cast<int>(((product >> 8) + product) >> 8);
  return static_cast<std::uint8_t>(std::max(static_cast<int>(255 - black) - taken, 0));
}

}  // namespace clipcls
