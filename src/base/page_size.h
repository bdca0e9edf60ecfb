#pragma once

#include <cstddef>

namespace clipcls {

/// Bytes; a multiple of the page of every system that the program is built for: 4 KB on x86-64, up to 64 KB
/// on 64-bit ARM. What is mapped or given back begins and ends at multiples of it.
inline constexpr std::size_t kPageBytes = 65536;

}  // namespace clipcls
