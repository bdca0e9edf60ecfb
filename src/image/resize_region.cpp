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

#define CLIPCLS_KERNEL "image/add_up_rows-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

constexpr std::ptrdiff_t kChannels = 3;

// Note [Strips]: in the vertical pass one weight meets a whole row of bytes, which is what vectors are made
// for. The horizontal pass is brought into that form: of kStripRows rows at a time, pixels that stand above
// each other become neighbours.
constexpr int kStripRows = 16;
constexpr std::ptrdiff_t kStripBytes = kStripRows * kChannels;

using AddUpRows = void(const std::uint8_t* input, std::ptrdiff_t stride, const std::int32_t* weights,
                       int num_taps, std::ptrdiff_t size, std::uint8_t* output);

// To neighbouring pixels, from pixels that lie `from_step` bytes apart. A move of four bytes is one
// instruction, and the next pixel overwrites the fourth.
void gather_pixels(const std::uint8_t* from, std::ptrdiff_t from_step, int count, std::uint8_t* to) {
  for (int i = 1; i < count; ++i, from += from_step, to += kChannels) std::memcpy(to, from, kChannels + 1);
  std::memcpy(to, from, kChannels);
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
RgbImage resize_horizontally(const RgbImage& image, int left, Span rows, const ResizeWeights& plan,
                             AddUpRows* add_up) {
  const int width = static_cast<int>(plan.first.size());
  const Span columns = inputs_of(plan);
  const std::ptrdiff_t row_bytes = image.width * kChannels;
  RgbImage result(width, rows.count);
  // Note [Strips]: [columns, kStripRows, kChannels]
  std::vector<std::uint8_t> strip(static_cast<std::size_t>(columns.count) * kStripBytes);
  std::vector<std::uint8_t> resized(static_cast<std::size_t>(width) * kStripBytes);
  for (int y = 0; y < rows.count; y += kStripRows) {
    const int num_rows = std::min(kStripRows, rows.count - y);
    const std::uint8_t* input =
        image.pixels.data() + (rows.begin + y) * row_bytes + (columns.begin - left) * kChannels;
    for (int x = 0; x < columns.count; ++x)
      gather_pixels(input + x * kChannels, row_bytes, num_rows, strip.data() + x * kStripBytes);
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(x);
      add_up(strip.data() + (plan.first[i] - columns.begin) * kStripBytes, kStripBytes,
             plan.weights.data() + std::ptrdiff_t{x} * plan.stride, plan.num_taps[i], kStripBytes,
             resized.data() + x * kStripBytes);
    }
    // Back from the strip's order to rows. The last strip may have fewer rows; its unused lanes hold old
    // bytes.
    for (int row = 0; row < num_rows; ++row)
      gather_pixels(resized.data() + row * kChannels, kStripBytes, width,
                    result.pixels.data() + std::ptrdiff_t{y + row} * width * kChannels);
  }
  return result;
}

// The columns `columns` of `image`, whose row 0 is row `top` of the source, with the rows of `plan`.
RgbImage resize_vertically(const RgbImage& image, int top, Span columns, const ResizeWeights& plan,
                           AddUpRows* add_up) {
  const std::ptrdiff_t input_row = image.width * kChannels;
  const std::ptrdiff_t output_row = columns.count * kChannels;
  const int height = static_cast<int>(plan.first.size());
  RgbImage result(columns.count, height);
  for (int y = 0; y < height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    const std::uint8_t* input =
        image.pixels.data() + std::ptrdiff_t{plan.first[i] - top} * input_row + columns.begin * kChannels;
    add_up(input, input_row, plan.weights.data() + std::ptrdiff_t{y} * plan.stride, plan.num_taps[i],
           output_row, result.pixels.data() + y * output_row);
  }
  return result;
}

RgbImage copy_region(const RgbImage& image, Span rows, Span columns) {
  RgbImage result(columns.count, rows.count);
  const std::size_t row_bytes = static_cast<std::size_t>(columns.count) * kChannels;
  for (int y = 0; y < rows.count; ++y) {
    const std::ptrdiff_t from = (std::ptrdiff_t{rows.begin + y} * image.width + columns.begin) * kChannels;
    std::memcpy(result.pixels.data() + static_cast<std::size_t>(y) * row_bytes, image.pixels.data() + from,
                row_bytes);
  }
  return result;
}

// Pillow 13's rule for the order of the two passes; versions before it always went horizontally first.
bool goes_vertically_first(const RgbImage& image, const ResizedSize& size) {
  const std::int64_t rows_lost = image.height - size.height;
  const std::int64_t columns_lost = image.width - size.width;
  return rows_lost > 0 && rows_lost > 2 * columns_lost;
}

}  // namespace

RgbImage resize_region(const RgbImage& image, const ResizedSize& size, const ResizedRegion& region,
                       Interpolation interpolation, KernelVariant variant) {
  if (image.width < 1 || image.height < 1 || size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::kInvalidArgument,
                "resize: a side of the picture or of its new size is less than 1");
  }
  AddUpRows* const add_up = CLIPCLS_FUNCTION_FOR(variant, add_up_rows);
  const bool resizes_width = size.width != image.width;
  const bool resizes_height = size.height != image.height;
  // The second pass decides what the first one must make: `columns` and `rows` are what the region's outputs
  // read from the source.
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
    const RgbImage between = resize_vertically(image, 0, columns, vertical, add_up);
    return resize_horizontally(between, columns.begin, {0, between.height}, horizontal, add_up);
  }
  if (!resizes_width) {
    return resizes_height ? resize_vertically(image, 0, columns, vertical, add_up)
                          : copy_region(image, rows, columns);
  }
  RgbImage between = resize_horizontally(image, 0, rows, horizontal, add_up);
  if (!resizes_height) return between;
  return resize_vertically(between, rows.begin, {0, between.width}, vertical, add_up);
}

}  // namespace clipcls
