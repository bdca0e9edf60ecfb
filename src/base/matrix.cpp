#include "base/matrix.h"

#include <cmath>

namespace clipcls {

void normalize_l2(std::span<float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  if (sum == 0) return;
  const double norm = std::sqrt(sum);
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / norm);
}

}  // namespace clipcls
