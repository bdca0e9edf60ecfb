#include "zero_shot/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "clipcls/error.h"

namespace clipcls {
namespace {

/// What the machine has, or what `ulimit -v` leaves of it.
std::uint64_t memory_bytes() {
  const auto num_bytes =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return num_bytes;
  return std::min<std::uint64_t>(num_bytes, limit.rlim_cur);
}

}  // namespace

void require_memory_for_labels(std::size_t num_labels, std::size_t embed_dim) {
  constexpr std::uint64_t kBytesOfTexts = 600;  // label, prompt and name for messages
  // Embeddings are held here, by the classifier, and in an entry for the cache while that is put together.
  constexpr std::uint64_t kNumCopies = 4;
  const std::uint64_t needed = num_labels * (kNumCopies * embed_dim * sizeof(float) + kBytesOfTexts);
  const std::uint64_t there = memory_bytes();
  // A comparison with all memory, not with what is free: it refuses what can never fit, and guesses at
  // nothing.
  if (needed <= there) return;
  const auto megabytes = [](std::uint64_t num_bytes) {
    return std::to_string(num_bytes / 1'000'000) + " MB";
  };
  throw Error(ErrorKind::kLabels, std::to_string(num_labels) + " labels take " + megabytes(needed) +
                                      " of memory, and there are " + megabytes(there) +
                                      "; give fewer labels");
}

}  // namespace clipcls
