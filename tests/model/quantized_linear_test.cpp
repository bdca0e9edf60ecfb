// Layers of integers against the same arithmetic in float32, and against each other.
#include "model/libtorch/quantized_linear.h"

#include <ATen/ops/linear.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "model/libtorch/fast_linear.h"
#include "model/libtorch/tile_quantized_linear.h"

namespace clipcls {
namespace {

using torch::Tensor;

constexpr int kBits = 7;  // right on every processor

/// The numbers that quantisation makes of each row.
Tensor quantized_rows(const Tensor& x) {
  const Tensor lowest = x.amin(-1, true).clamp_max(0);
  const Tensor scale = (x.amax(-1, true).clamp_min(0) - lowest) / 255;
  const Tensor zero_point = (-lowest / scale).round();
  return ((x / scale + zero_point).round().clamp(0, 255) - zero_point) * scale;
}

struct Layer {
  Tensor weight = torch::randn({70, 100}, torch::make_generator<at::CPUGeneratorImpl>(1));
  Tensor bias = torch::randn({70}, torch::make_generator<at::CPUGeneratorImpl>(2));

  Tensor expected(const Tensor& x) const {
    const QuantizedWeight quantized = quantize_weight(weight, kBits);
    return at::linear(quantized_rows(x), quantized.integers * quantized.scales.unsqueeze(1), bias);
  }
};

Tensor rows(std::int64_t count) {
  const Tensor numbers = torch::randn({count, 3, 100}, torch::make_generator<at::CPUGeneratorImpl>(3));
  // Ranges differ as those of pictures do.
  return numbers * torch::logspace(-2, 2, count).reshape({count, 1, 1});
}

/// Relative to the largest number of each row: where a tie was rounded to the other side, that is one step of
/// one input, 1/255 of the range times one weight.
double largest_difference(const Tensor& a, const Tensor& b) {
  return ((a - b).abs().amax(-1) / b.abs().amax(-1)).max().item<double>();
}

TEST(QuantizedLinearTest, WeightsUseAllTheirIntegers) {
  const Layer layer;
  for (const int bits : {7, 8}) {
    const QuantizedWeight quantized = quantize_weight(layer.weight, bits);
    const int largest = bits == 8 ? 127 : 63;
    EXPECT_TRUE(quantized.integers.abs().amax(1).eq(largest).all().item<bool>()) << bits;
    const Tensor error = (quantized.integers * quantized.scales.unsqueeze(1) - layer.weight).abs();
    EXPECT_TRUE(error.le(quantized.scales.unsqueeze(1) * 0.501).all().item<bool>()) << bits;
  }
}

TEST(QuantizedLinearTest, EachRowHasItsOwnScale) {
  const Layer layer;
  QuantizedLinear integers(layer.weight, layer.bias, {}, kBits);
  const Tensor x = rows(9);
  const Tensor y = integers.forward(x, std::nullopt);
  EXPECT_LT(largest_difference(y, layer.expected(x)), 0.005);
  // Alone, the last bit is the same.
  for (std::int64_t i = 0; i < x.size(0); ++i)
    EXPECT_TRUE(integers.forward(x[i], std::nullopt).equal(y[i])) << i;
}

TEST(QuantizedLinearTest, AddsWhatFollows) {
  const Layer layer;
  QuantizedLinear integers(layer.weight, layer.bias, {}, kBits);
  const Tensor x = rows(4);
  const Tensor y = integers.forward(x, std::nullopt);
  for (const Tensor& other :
       {torch::ones_like(y), torch::ones({70}), torch::ones({70, 3, 4}).permute({2, 1, 0})})
    EXPECT_LE((integers.forward(x, other) - (y + 1)).abs().max().item<double>(), 1e-4);
}

TEST(QuantizedLinearTest, ALayerTooLongForTheSumsIsRefused) {
  const auto make = [](std::int64_t num_inputs) {
    return make_quantized_linear(torch::ones({1, num_inputs}), std::nullopt, {}, 8);
  };
  EXPECT_THROW(make(kMaxIntegerInputs + 1), c10::Error);
  if (!has_vnni(this_kernel_variant())) return;
  // The largest products of all.
  const Tensor sum = make(kMaxIntegerInputs)->forward(torch::ones({1, kMaxIntegerInputs}), std::nullopt);
  EXPECT_NEAR(sum.item<double>(), kMaxIntegerInputs, 0.01 * kMaxIntegerInputs);
}

TEST(QuantizedLinearTest, TilesComputeTheSame) {
  const Layer layer;
  for (const auto* const name : {"none", "relu", "gelu"}) {
    const LinearActivation activation = {name, "none"};
    QuantizedLinear ours(layer.weight, layer.bias, activation, kBits);
    TileQuantizedLinear tiles(layer.weight, layer.bias, activation, kBits);
    for (const auto type : {torch::kFloat, torch::kBFloat16}) {
      const Tensor x = rows(9).to(type);
      // The sums are the same integers; those above 2^24 are rounded to float32.
      EXPECT_LT(largest_difference(tiles.forward(x, std::nullopt).to(torch::kFloat),
                                   ours.forward(x, std::nullopt).to(torch::kFloat)),
                type == torch::kFloat ? 1e-6 : 0.004)
          << name;
    }
    const Tensor x = rows(2);
    const Tensor other = torch::randn({2, 3, 70});
    EXPECT_LT(largest_difference(tiles.forward(x, other), ours.forward(x, other)), 1e-6) << name;
  }
}

}  // namespace
}  // namespace clipcls
