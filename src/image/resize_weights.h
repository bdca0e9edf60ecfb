#pragma once

#include <cstdint>
#include <vector>

#include "image/resize.h"

namespace clipcls {

/// Pillow's fixed point: weights have 32 - 8 - 2 fraction bits, so that a sum over 8-bit pixels fits 32 bits.
inline constexpr int kWeightBits = 22;

/// How one side of a picture is resized: output i is the sum over k < num_taps[i] of
/// weights[i * stride + k] * input[first[i] + k].
struct ResizeWeights {
  std::vector<int> first;
  std::vector<int> num_taps;
  std::vector<std::int32_t> weights;  ///< [num_outputs, stride], zeros behind num_taps
  int stride = 0;
};

/// Weights for outputs offset .. offset + num_outputs of a side of `input_size` pixels resized to
/// `output_size`.
ResizeWeights compute_resize_weights(int input_size, std::int64_t output_size, std::int64_t offset,
                                     int num_outputs, Interpolation interpolation);

}  // namespace clipcls
