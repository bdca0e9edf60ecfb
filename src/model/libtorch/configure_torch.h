#pragma once

namespace clipcls {

/// Threads and graph executor, before the first module is made. `num_threads` of 0 leaves the choice to
/// libtorch.
void configure_torch(int num_threads);

}  // namespace clipcls
