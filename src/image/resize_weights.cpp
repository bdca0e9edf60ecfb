// The weights of Pillow's resize, computed by its formulas in its order (precompute_coeffs() in Resample.c),
// as each output pixel depends on their last bit.
#include "resize_weights.h"

#include <algorithm>
#include <cmath>

namespace clipcls {
namespace {

// Keys' cubic convolution with a = -0.5; it is 0 from 2 on. Evaluated in Pillow's order, to the last bit.
double bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * kA;
  return 0.0;
}

double bilinear(double x) {
  x = std::fabs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

std::int32_t to_fixed_point(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<std::int32_t>(weight < 0 ? scaled - 0.5 : scaled + 0.5);  // rounds half away from zero
}

}  // namespace

ResizeWeights compute_resize_weights(int input_size, std::int64_t output_size, std::int64_t offset,
                                     int num_outputs, Interpolation interpolation) {
  const bool cubic = interpolation == Interpolation::kBicubic;
  const double scale = static_cast<double>(input_size) / static_cast<double>(output_size);
  // Antialiasing: when shrinking, the filter is stretched over all the inputs that one output stands for.
  const double stretch = std::max(scale, 1.0);
  const double support = (cubic ? 2.0 : 1.0) * stretch;
  const double inverse_stretch = 1.0 / stretch;

  ResizeWeights result;
  // All outputs have rows of weights of one length, so that the kernels can step through them.
  const double most_taps = std::ceil(support) * 2 + 1;
  result.stride = static_cast<int>(std::min(most_taps, static_cast<double>(input_size)));
  const auto num = static_cast<std::size_t>(num_outputs);
  const auto stride = static_cast<std::size_t>(result.stride);
  result.first.resize(num);
  result.num_taps.resize(num);
  result.weights.resize(num * stride);

  std::vector<double> exact(stride);
  for (std::size_t i = 0; i < num; ++i) {
    // The centre of output i in the input's coordinates; pixels have their centres at halves.
    const double center = (static_cast<double>(offset + static_cast<std::int64_t>(i)) + 0.5) * scale;
    // Pillow's bounds: rounded by adding 0.5 and truncating, and cut at the picture's sides.
    const int first = static_cast<int>(std::max(center - support + 0.5, 0.0));
    const int last = static_cast<int>(std::min(center + support + 0.5, static_cast<double>(input_size)));
    const auto num_taps = static_cast<std::size_t>(last - first);
    // At the sides a part of the filter falls outside; dividing by the sum makes up for it, so that a plain
    // area keeps its value.
    double sum = 0.0;
    for (std::size_t k = 0; k < num_taps; ++k) {
      const double distance = static_cast<double>(static_cast<int>(k) + first) - center + 0.5;
      exact[k] = (cubic ? bicubic : bilinear)(distance * inverse_stretch);
      sum += exact[k];
    }
    for (std::size_t k = 0; k < num_taps; ++k) {
      if (sum != 0.0) exact[k] /= sum;
      result.weights[i * stride + k] = to_fixed_point(exact[k]);
    }
    result.first[i] = first;
    result.num_taps[i] = last - first;
  }
  return result;
}

}  // namespace clipcls
