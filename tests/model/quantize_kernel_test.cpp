#include "model/kernels/quantize_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include "support/kernel_variants.h"

namespace clipcls {
namespace {

float restore(const Quantization& quantization, std::uint8_t value) {
  return quantization.scale * static_cast<float>(value - quantization.zero_point);
}

class QuantizeKernelTest : public KernelVariantTest {};

TEST_P(QuantizeKernelTest, EveryNumberComesBackToHalfAStep) {
  std::mt19937 generator(3);
  for (const auto& [low, high] : {std::pair{-1.0F, 1.0F}, {0.0F, 6.0F}, {-0.17F, 30.0F}, {-9.0F, -2.0F}}) {
    for (const std::int64_t count : {1, 15, 16, 17, 64, 65, 1000}) {
      std::uniform_real_distribution<float> uniform(low, high);
      std::vector<float> values(static_cast<std::size_t>(count));
      for (float& value : values) value = uniform(generator);
      std::vector<std::uint8_t> quantized(values.size());
      const Quantization quantization = quantize(values.data(), count, quantized.data(), GetParam());
      ASSERT_GE(quantization.zero_point, 0);
      ASSERT_LE(quantization.zero_point, 255);
      for (std::size_t i = 0; i < values.size(); ++i) {
        // Half a step from rounding the number, half from rounding the zero point at the ends of the range.
        EXPECT_NEAR(restore(quantization, quantized[i]), values[i], 1.001F * quantization.scale);
      }
    }
  }
}

TEST_P(QuantizeKernelTest, ZeroStaysZero) {
  const std::vector<float> values = {-0.3F, 0.0F, 5.7F};
  std::vector<std::uint8_t> quantized(3);
  const Quantization quantization = quantize(values.data(), 3, quantized.data(), GetParam());
  EXPECT_EQ(restore(quantization, quantized[1]), 0.0F);
}

TEST_P(QuantizeKernelTest, NothingButZeros) {
  const std::vector<float> values(20, 0.0F);
  std::vector<std::uint8_t> quantized(20, 1);
  const Quantization quantization = quantize(values.data(), 20, quantized.data(), GetParam());
  for (const std::uint8_t value : quantized) EXPECT_EQ(restore(quantization, value), 0.0F);
}

TEST_P(QuantizeKernelTest, Bfloat16IsTheUpperHalfOfAFloat) {
  const std::vector<Bfloat16> values = {{0x3F80}, {0xBF80}, {0x4000}};  // 1, -1, 2
  std::vector<std::uint8_t> quantized(3);
  const Quantization quantization = quantize(values.data(), 3, quantized.data(), GetParam());
  EXPECT_NEAR(restore(quantization, quantized[0]), 1, quantization.scale);
  EXPECT_NEAR(restore(quantization, quantized[1]), -1, quantization.scale);
  EXPECT_NEAR(restore(quantization, quantized[2]), 2, quantization.scale);
}

/// What the kernel does, spelled out.
std::vector<std::uint8_t> quantize_plainly(const std::vector<float>& values,
                                           const Quantization& quantization) {
  std::vector<std::uint8_t> quantized;
  for (const float value : values) {
    const float scaled = value * (1.0F / quantization.scale) + static_cast<float>(quantization.zero_point);
    quantized.push_back(static_cast<std::uint8_t>(std::nearbyint(std::clamp(scaled, 0.0F, 255.0F))));
  }
  return quantized;
}

TEST_P(QuantizeKernelTest, EqualsThePlainComputation) {
  std::mt19937 generator(5);
  std::uniform_real_distribution<float> uniform(-3, 7);
  std::vector<float> values(333);
  for (float& value : values) value = uniform(generator);
  std::vector<std::uint8_t> quantized(values.size());
  const Quantization quantization = quantize(values.data(), 333, quantized.data(), GetParam());
  const auto [lowest, highest] = std::ranges::minmax(values);
  EXPECT_EQ(quantization.scale, (highest - lowest) / 255.0F);
  const std::vector<std::uint8_t> expected = quantize_plainly(values, quantization);
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A fused multiply-add may round to the other side of a tie.
    EXPECT_NEAR(quantized[i], expected[i], 1) << i;
  }
  EXPECT_LT(std::inner_product(quantized.begin(), quantized.end(), expected.begin(), 0, std::plus<>(),
                               std::not_equal_to<>()),
            3);
}

INSTANTIATE_TEST_SUITE_P(Variants, QuantizeKernelTest, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls
