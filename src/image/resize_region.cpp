// Note [Fixed-point resizing]: Pillow resizes 8-bit pictures in two passes over bytes, each rounding to 8
// bit, so that their order shows; a pass whose side does not change is left out. To be bit-exact, so it is
// here. Only what the region needs is computed: the first pass runs over the rows or columns that the second
// will read.
#include "resize_region.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "clipcls/error.h"
#include "resize_weights.h"

// The same code compiled for newer processors too and chosen at start-up; sums of integers are equal in any
// order. (The sanitizers' runtimes are not up yet when that choice is made.)
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLIPCLS_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define CLIPCLS_VECTORISED
#endif

namespace clipcls {
namespace {

constexpr int kChannels = 3;
constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

// Taps are summed in groups of kLanes bytes, a multiple of the three channels, so that lane % 3 is the
// channel.
constexpr int kLanes = 24;
constexpr int kLaneTaps = kLanes / kChannels;

std::uint8_t to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

// One output row. `weights`: [width, num_weights], each tap's weight three times, zeros up to a multiple of
// kLanes. `input` is read up to num_weights bytes from each output's first tap on.
CLIPCLS_VECTORISED
void resize_row(const std::uint8_t* input, const int* first, const std::int32_t* weights, int num_weights,
                int width, std::uint8_t* output) {
  for (int x = 0; x < width; ++x, weights += num_weights) {
    const std::uint8_t* taps = input + static_cast<std::ptrdiff_t>(first[x]) * kChannels;
    std::int32_t lanes[kLanes] = {};
    for (int i = 0; i < num_weights; i += kLanes) {
      for (int lane = 0; lane < kLanes; ++lane) lanes[lane] += taps[i + lane] * weights[i + lane];
    }
    for (int c = 0; c < kChannels; ++c) {
      std::int32_t sum = kHalf;
      for (int lane = c; lane < kLanes; lane += kChannels) sum += lanes[lane];
      *output++ = to_byte(sum);
    }
  }
}

// sums[i] += weight * row[i]
CLIPCLS_VECTORISED
void add_weighted(const std::uint8_t* row, std::int32_t weight, std::size_t size, std::int32_t* sums) {
  for (std::size_t i = 0; i < size; ++i) sums[i] += weight * row[i];
}

// A run of rows or columns of the source picture.
struct Span {
  int begin = 0;
  int count = 0;
};

// The pixels that a side's outputs read.
Span inputs_of(const ResizeWeights& plan) {
  return {plan.first.front(), plan.first.back() + plan.num_taps.back() - plan.first.front()};
}

// The rows `rows` of `image`, whose column 0 is column `left` of the source, with the columns of `plan`.
Image resize_horizontally(const Image& image, int left, Span rows, const ResizeWeights& plan) {
  const int width = static_cast<int>(plan.first.size());
  const int num_weights = (plan.stride + kLaneTaps - 1) / kLaneTaps * kLanes;
  std::vector<std::int32_t> weights(plan.first.size() * static_cast<std::size_t>(num_weights));
  std::vector<int> first(plan.first.size());
  for (int x = 0; x < width; ++x) {
    first[static_cast<std::size_t>(x)] = plan.first[static_cast<std::size_t>(x)] - left;
    const std::int32_t* from = plan.weights.data() + std::ptrdiff_t{x} * plan.stride;
    std::int32_t* to = weights.data() + std::ptrdiff_t{x} * num_weights;
    for (int k = 0; k < plan.stride; ++k) std::fill_n(to + std::ptrdiff_t{k} * kChannels, kChannels, from[k]);
  }

  Image result(width, rows.count);
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{image.width} * kChannels;
  // The zero weights read past the end of a row: into the next one, and for the last rows into this copy.
  std::vector<std::uint8_t> padded;
  for (int y = 0; y < rows.count; ++y) {
    const std::ptrdiff_t start = (rows.begin + y) * row_bytes;
    const std::uint8_t* row = image.pixels.data() + start;
    if (static_cast<std::ptrdiff_t>(image.pixels.size()) - start < row_bytes + num_weights) {
      padded.resize(static_cast<std::size_t>(row_bytes + num_weights));
      std::memcpy(padded.data(), row, static_cast<std::size_t>(row_bytes));
      row = padded.data();
    }
    resize_row(row, first.data(), weights.data(), num_weights, width,
               result.pixels.data() + std::ptrdiff_t{y} * width * kChannels);
  }
  return result;
}

// The columns `columns` of `image`, whose row 0 is row `top` of the source, with the rows of `plan`.
Image resize_vertically(const Image& image, int top, Span columns, const ResizeWeights& plan) {
  const std::size_t input_row = static_cast<std::size_t>(image.width) * kChannels;
  const std::size_t output_row = static_cast<std::size_t>(columns.count) * kChannels;
  Image result(columns.count, static_cast<int>(plan.first.size()));
  std::vector<std::int32_t> sums(output_row);
  for (std::size_t y = 0; y < plan.first.size(); ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    const std::uint8_t* row = image.pixels.data() +
                              static_cast<std::size_t>(plan.first[y] - top) * input_row +
                              static_cast<std::size_t>(columns.begin) * kChannels;
    const std::int32_t* weights = plan.weights.data() + y * static_cast<std::size_t>(plan.stride);
    for (int k = 0; k < plan.num_taps[y]; ++k, row += input_row)
      add_weighted(row, weights[k], output_row, sums.data());
    std::uint8_t* output = result.pixels.data() + y * output_row;
    for (std::size_t i = 0; i < output_row; ++i) output[i] = to_byte(sums[i]);
  }
  return result;
}

Image copy_region(const Image& image, Span rows, Span columns) {
  Image result(columns.count, rows.count);
  const std::size_t row_bytes = static_cast<std::size_t>(columns.count) * kChannels;
  for (int y = 0; y < rows.count; ++y) {
    const std::ptrdiff_t from = (std::ptrdiff_t{rows.begin + y} * image.width + columns.begin) * kChannels;
    std::memcpy(result.pixels.data() + static_cast<std::size_t>(y) * row_bytes, image.pixels.data() + from,
                row_bytes);
  }
  return result;
}

// Pillow 13's rule for the order of the two passes; versions before it always went horizontally first.
bool goes_vertically_first(const Image& image, const ResizedSize& size) {
  const std::int64_t rows_lost = image.height - size.height;
  const std::int64_t columns_lost = image.width - size.width;
  return rows_lost > 0 && rows_lost > 2 * columns_lost;
}

}  // namespace

Image resize_region(const Image& image, const ResizedSize& size, const ResizedRegion& region,
                    Interpolation interpolation) {
  if (image.width < 1 || image.height < 1 || size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::kUsage, "resize: a side of the picture or of its new size is less than 1");
  }
  const bool resizes_width = size.width != image.width;
  const bool resizes_height = size.height != image.height;
  ResizeWeights horizontal;
  ResizeWeights vertical;
  Span columns = {static_cast<int>(region.left), region.width};
  Span rows = {static_cast<int>(region.top), region.height};
  if (resizes_width) {
    horizontal = compute_resize_weights(image.width, size.width, region.left, region.width, interpolation);
    columns = inputs_of(horizontal);
  }
  if (resizes_height) {
    vertical = compute_resize_weights(image.height, size.height, region.top, region.height, interpolation);
    rows = inputs_of(vertical);
  }

  if (resizes_width && resizes_height && goes_vertically_first(image, size)) {
    const Image between = resize_vertically(image, 0, columns, vertical);
    return resize_horizontally(between, columns.begin, {0, between.height}, horizontal);
  }
  if (!resizes_width) {
    return resizes_height ? resize_vertically(image, 0, columns, vertical)
                          : copy_region(image, rows, columns);
  }
  Image between = resize_horizontally(image, 0, rows, horizontal);
  if (!resizes_height) return between;
  return resize_vertically(between, rows.begin, {0, between.width}, vertical);
}

}  // namespace clipcls
