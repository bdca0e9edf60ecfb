#include "worker_limits.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

namespace clipcls {

WorkerLimits WorkerLimits::of(double max_megapixels, std::uint64_t num_file_bytes) {
  // The slowest decoder, of JPEG 2000, takes 0.07 s a megapixel of a photograph and 0.6 s of noise, on a core
  // of a server.
  constexpr double kSeconds = 30;
  constexpr double kSecondsAMegapixel = 2;
  constexpr double kMaxSeconds = 1e6;
  // The program, its libraries and their tables take 0.2 GB, and the thirstiest decoder 64 bytes a pixel.
  constexpr double kTables = 1e9;
  constexpr double kBytesAPixel = 80;
  const auto num_bytes = static_cast<double>(num_file_bytes);
  return {std::chrono::seconds(
              std::llround(std::min(kSeconds + kSecondsAMegapixel * max_megapixels, kMaxSeconds))),
          static_cast<std::uint64_t>(
              std::min(kTables + 2 * num_bytes + kBytesAPixel * max_megapixels * 1e6, 9e18))};
}

std::uint64_t room_for_pixels() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return ~std::uint64_t{0};
  return limit.rlim_max / 3;
}

bool is_memory_limited() {
  rlimit limit = {};
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace clipcls
