#include <benchmark/benchmark.h>

#include <algorithm>

#include "image/decode_image.h"
#include "image/preprocess.h"
#include "image/thumbnail.h"

namespace clipcls {
namespace {

/// A picture of `width` columns, three quarters as high, that is nowhere flat.
RgbImage test_picture(int width) {
  RgbImage image(width, width * 3 / 4);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * i % 251);
  return image;
}

/// Bytes of a JPEG file to pixels, by the picture's width; cost should grow with the number of pixels.
void bench_decode_jpeg(benchmark::State& state) {
  const RgbImage image = test_picture(static_cast<int>(state.range(0)));
  const std::vector<std::uint8_t> bytes = make_thumbnail(image, image.width);
  if (decode_image(bytes).width != image.width) {
    state.SkipWithError("the picture came out in another size");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(decode_image(bytes));
  state.SetComplexityN(static_cast<std::int64_t>(image.pixels.size()));
}
BENCHMARK(bench_decode_jpeg)
    ->Arg(256)
    ->Arg(640)
    ->Arg(1280)
    ->Arg(4000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

/// The resize alone, to the 224 pixels of ViT-B/32.
void bench_resize(benchmark::State& state) {
  const RgbImage image = test_picture(static_cast<int>(state.range(0)));
  if (resize(image, 224, 224, Interpolation::kBicubic).height != 224) {
    state.SkipWithError("the picture came out in another size");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(resize(image, 224, 224, Interpolation::kBicubic));
  state.SetComplexityN(static_cast<std::int64_t>(image.pixels.size()));
}
BENCHMARK(bench_resize)
    ->Arg(256)
    ->Arg(640)
    ->Arg(1280)
    ->Arg(4000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

/// Decoded picture to pixel_values, by the picture's width; cost should grow with the number of pixels.
void bench_preprocess(benchmark::State& state) {
  const RgbImage image = test_picture(static_cast<int>(state.range(0)));
  const PreprocessConfig config;
  std::vector<float> pixel_values(config.num_pixel_values());
  preprocess(image, config, pixel_values);
  if (std::ranges::none_of(pixel_values, [](float value) { return value != 0; })) {
    state.SkipWithError("the picture came out empty");
    return;
  }
  for (auto _ : state) {
    preprocess(image, config, pixel_values);
    benchmark::DoNotOptimize(pixel_values.data());
  }
  state.SetComplexityN(static_cast<std::int64_t>(image.pixels.size()));
}
BENCHMARK(bench_preprocess)
    ->Arg(256)
    ->Arg(640)
    ->Arg(1280)
    ->Arg(4000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace
}  // namespace clipcls
