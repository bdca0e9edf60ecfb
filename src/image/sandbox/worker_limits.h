#pragma once

#include <chrono>
#include <cstdint>

namespace clipcls {

/// What a worker is to stay within.
struct WorkerLimits {
  std::chrono::seconds time{};          ///< of a processor for a picture; waiting, it has four times as long
  std::uint64_t num_address_bytes = 0;  ///< of all its memory
  std::chrono::seconds idle_time{60};   ///< how long it may use no processor at all

  /// For pictures of up to so many pixels in a file of so many bytes.
  static WorkerLimits of(double max_megapixels, std::uint64_t num_file_bytes);
};

/// What a limit on memory (ulimit -v), which a worker has as well, leaves for pixels beside the decoder.
std::uint64_t room_for_pixels();

/// Whether there is one for this process.
bool is_memory_limited();

}  // namespace clipcls
