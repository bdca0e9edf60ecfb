#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace clipcls {

/// Normally distributed, with a standard deviation of 1.
inline std::vector<float> random_numbers(std::int64_t count, unsigned seed, float mean = 0) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(mean);
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (float& number : numbers) number = normal(generator);
  return numbers;
}

}  // namespace clipcls
