#pragma once

#include <cstddef>
#include <string_view>

namespace clipcls {

/// The number of characters in the grapheme cluster that `text`, which is not empty, begins with (UAX #29,
/// extended clusters). Exact for clusters of fewer than six bytes, which are all that is asked for: the two
/// letters of a flag, of four bytes each, are not joined.
std::size_t cluster_length(std::u32string_view text);

}  // namespace clipcls
