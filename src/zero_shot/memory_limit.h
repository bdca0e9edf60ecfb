#pragma once

#include <cstddef>

namespace clipcls {

/// Throws Error (kLabels) where so many labels do not fit into memory: before hours are spent on them, or the
/// system ends another program for want of it.
void require_memory_for_labels(std::size_t num_labels, std::size_t embed_dim);

}  // namespace clipcls
