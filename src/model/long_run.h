#pragma once

#include <cstddef>

namespace clipcls {

/// From so many images on, a run is long: it repays it that a reduced precision is tried on one of them.
inline constexpr std::size_t kImagesOfLongRun = 1000;

}  // namespace clipcls
