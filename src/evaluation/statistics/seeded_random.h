#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace clipcls {

/// Equal numbers from equal seeds on every machine: the distributions of the standard library are not so.
class SeededRandom {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  /// 0 to `bound` - 1; `bound` is below 2^32. Lemire's multiplication; its bias, bound / 2^32, is no matter
  /// here.
  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>((engine_() >> 32U) * static_cast<std::uint64_t>(bound) >> 32U);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace clipcls
