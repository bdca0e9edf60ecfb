// resize() against the same filter in double precision, without rounding in between.
#include <algorithm>
#include <cmath>
#include <vector>

#include "fuzzer.h"
#include "image/resize.h"

namespace clipcls {
namespace {

constexpr int kMaxTestSide = 64;

double filter(double x, Interpolation interpolation) {
  x = std::fabs(x);
  if (interpolation == Interpolation::kBilinear) return std::max(1.0 - x, 0.0);
  if (x < 1.0) return 1.5 * x * x * x - 2.5 * x * x + 1.0;
  return x < 2.0 ? -0.5 * x * x * x + 2.5 * x * x - 4.0 * x + 2.0 : 0.0;
}

/// One side: [num_lines, input] to [num_lines, output], clipped as bytes are. `gain` becomes no less than the
/// sum of any output's absolute weights: so much can an error of the input grow.
std::vector<double> resize_lines(const std::vector<double>& lines, std::size_t input, std::size_t output,
                                 Interpolation interpolation, double& gain) {
  const double scale = static_cast<double>(input) / static_cast<double>(output);
  const double stretch = std::max(scale, 1.0);
  std::vector<double> result;
  for (std::size_t line = 0; line < lines.size() / input; ++line) {
    for (std::size_t i = 0; i < output; ++i) {
      const double center = (static_cast<double>(i) + 0.5) * scale;
      const double support = (interpolation == Interpolation::kBilinear ? 1.0 : 2.0) * stretch;
      double sum = 0;
      double weight_sum = 0;
      double absolute_sum = 0;
      for (std::size_t k = 0; k < input; ++k) {
        const double position = static_cast<double>(k) + 0.5;
        if (std::fabs(position - center) > support + 0.5) continue;
        const double weight = filter((position - center) / stretch, interpolation);
        sum += weight * lines[line * input + k];
        weight_sum += weight;
        absolute_sum += std::fabs(weight);
      }
      gain = std::max(gain, absolute_sum / weight_sum);
      result.push_back(std::clamp(sum / weight_sum, 0.0, 255.0));
    }
  }
  return result;
}

std::vector<double> transpose(const std::vector<double>& values, std::size_t num_rows) {
  const std::size_t num_columns = values.size() / num_rows;
  std::vector<double> result(values.size());
  for (std::size_t row = 0; row < num_rows; ++row)
    for (std::size_t column = 0; column < num_columns; ++column)
      result[column * num_rows + row] = values[row * num_columns + column];
  return result;
}

}  // namespace

CLIPCLS_FUZZ_TARGET(resize) {
  if (size < 5) return 0;
  const auto side = [&](std::size_t i) { return 1 + data[i] % kMaxTestSide; };
  RgbImage image(side(0), side(1));
  const int width = side(2);
  const int height = side(3);
  const Interpolation interpolation = data[4] % 2 == 0 ? Interpolation::kBicubic : Interpolation::kBilinear;
  // The bytes behind the sizes, over and over, are the pixels.
  for (std::size_t i = 0; size > 5 && i < image.pixels.size(); ++i)
    image.pixels[i] = data[5 + i % (size - 5)];

  const RgbImage resized = resize(image, width, height, interpolation);
  require(resized.width == width && resized.height == height, "the new size is the one asked for");
  const auto input_width = static_cast<std::size_t>(image.width);
  const auto input_height = static_cast<std::size_t>(image.height);
  const auto output_width = static_cast<std::size_t>(width);
  const auto output_height = static_cast<std::size_t>(height);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    std::vector<double> values;
    for (std::size_t i = channel; i < image.pixels.size(); i += 3) values.push_back(image.pixels[i]);
    double gain = 1.0;
    const auto resize_width = [&] {
      values = resize_lines(values, input_width, output_width, interpolation, gain);
    };
    const auto resize_height = [&](std::size_t num_columns) {
      values =
          resize_lines(transpose(values, input_height), input_height, output_height, interpolation, gain);
      values = transpose(values, num_columns);
    };
    // The order of Pillow 13.
    if (image.height > height && image.height - height > 2 * (image.width - width)) {
      resize_height(input_width);
      resize_width();
    } else {
      resize_width();
      resize_height(output_width);
    }
    // Why these may differ: each pass of resize() rounds to a whole value, by 0.5 at most, and has weights of
    // 22 bits behind the point (64 taps of 255 * 2^-23 are 0.002). The second pass has the error of the first
    // for its input.
    constexpr double kRounding = 0.5 + 0.002;
    const double tolerance = gain * kRounding + kRounding;
    for (std::size_t i = 0; i < values.size(); ++i) {
      require(std::fabs(values[i] - resized.pixels[i * 3 + channel]) <= tolerance,
              "a value is as near to the exact one as the rounding of two passes leaves it");
    }
  }
  return 0;
}

}  // namespace clipcls
