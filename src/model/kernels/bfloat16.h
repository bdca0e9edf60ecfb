#pragma once

#include <cstdint>

namespace clipcls {

/// A bfloat16 as it is stored: the upper half of a float.
struct Bfloat16 {
  std::uint16_t bits;
};

}  // namespace clipcls
