#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace clipcls {

/// Of two vectors of one length. Float32 sums in another order differ by about 1e-6 of the norm: 0.99999 is
/// the project's bar for features in fp32.
inline double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += static_cast<double>(a[i]) * b[i];
    norm_a += static_cast<double>(a[i]) * a[i];
    norm_b += static_cast<double>(b[i]) * b[i];
  }
  return dot / std::sqrt(norm_a * norm_b);
}

}  // namespace clipcls
