#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// Where the directories of a TIFF or BigTIFF file begin, one a page: the chain from the file's front up to
/// `most` of them, until it ends, comes back to where it was, or leaves the file. Never throws.
std::vector<std::uint64_t> tiff_directories(Bytes bytes, std::size_t most);

}  // namespace clipcls
