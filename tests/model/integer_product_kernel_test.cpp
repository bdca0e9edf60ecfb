#include "model/kernels/integer_product_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/round_up.h"
#include "support/bfloat16.h"
#include "support/kernel_variants.h"
#include "support/random_numbers.h"

namespace clipcls {
namespace {

/// A product whose numbers are given, and by the kernel.
struct IntegerProduct {
  KernelVariant variant;
  std::int64_t num_rows;
  std::int64_t num_inputs;
  std::int64_t num_outputs;
  int largest = has_vnni(variant) ? 127 : 63;
  std::vector<float> x = random_numbers(num_rows * num_inputs, 1, 0.3F);
  std::vector<std::int8_t> weight = random_integers();
  std::vector<float> scales = random_numbers(num_outputs, 3);
  std::vector<float> bias = random_numbers(num_outputs, 4);
  std::vector<float> other = random_numbers(num_rows * num_outputs, 5);

  std::vector<std::int8_t> random_integers() const {
    std::mt19937 generator(2);
    std::uniform_int_distribution<int> uniform(-largest, largest);
    std::vector<std::int8_t> integers(static_cast<std::size_t>(num_outputs * num_inputs));
    for (std::int8_t& integer : integers) integer = static_cast<std::int8_t>(uniform(generator));
    return integers;
  }

  IntegerProductWeight packed() const {
    IntegerProductWeight packed(num_outputs, num_inputs, variant);
    packed.pack(weight.data(), scales.data(), bias.data(), {0, packed.shape().num_panels});
    return packed;
  }

  std::vector<float> multiply() const { return multiply(x, other); }

  template <typename Value>
  std::vector<Value> multiply(const std::vector<Value>& rows, const std::vector<Value>& added,
                              ProductActivation activation = ProductActivation::kNone) const {
    const IntegerProductWeight packed_weight = packed();
    const ProductBlocks blocks = packed_weight.blocks();
    std::vector<std::uint8_t> values(static_cast<std::size_t>(packed_weight.num_bytes_of(num_rows)), 77);
    std::vector<Quantization> quantizations(static_cast<std::size_t>(num_rows));
    std::vector<std::uint8_t> scratch(static_cast<std::size_t>(num_inputs));
    std::vector<Value> y(static_cast<std::size_t>(num_rows * num_outputs));
    const IntegerProductOperands<Value> operands = {.x = {values.data(), quantizations.data()},
                                                    .other = added.empty() ? nullptr : added.data(),
                                                    .y = y.data(),
                                                    .activation = activation};
    packed_weight.quantize_tiles(rows.data(), num_rows, {0, divide_up(num_rows, blocks.tile_rows)},
                                 scratch.data(), operands.x);
    for (std::int64_t row = 0; row < num_rows; row += blocks.max_rows) {
      // Panel by panel, as threads do.
      for (std::int64_t panel = 0; panel < packed_weight.shape().num_panels; ++panel)
        packed_weight.multiply(operands, {row, std::min(row + blocks.max_rows, num_rows)}, {panel, panel + 1},
                               nullptr);
    }
    return y;
  }

  /// The same in integers of 64 bits and in double, and the sum of what was added up, for the tolerance.
  template <typename Value>
  std::pair<double, double> expected(const std::vector<Value>& rows, std::int64_t row,
                                     std::int64_t output) const {
    std::vector<std::uint8_t> integers(static_cast<std::size_t>(num_inputs));
    const Quantization quantization =
        quantize(rows.data() + row * num_inputs, num_inputs, integers.data(), variant);
    std::int64_t sum = 0;
    for (std::int64_t i = 0; i < num_inputs; ++i)
      sum += (integers[static_cast<std::size_t>(i)] - quantization.zero_point) *
             weight[static_cast<std::size_t>(output * num_inputs + i)];
    const double product = static_cast<double>(sum) * static_cast<double>(quantization.scale) *
                           static_cast<double>(scales[static_cast<std::size_t>(output)]);
    const double added = bias[static_cast<std::size_t>(output)];
    return {product + added, std::abs(product) + std::abs(added)};
  }
};

class IntegerProductTest : public KernelVariantTest {};

// Rounding to float32 of a handful of steps.
constexpr double kRounding = 1e-6;

TEST_P(IntegerProductTest, EqualsThePlainComputation) {
  // Whole tiles and panels, and parts of both; inputs that fill no chunk.
  for (const auto& [num_rows, num_inputs, num_outputs] :
       {std::tuple{1, 1, 1}, {28, 64, 64}, {29, 100, 70}, {5, 17, 33}, {3, 3072, 16}, {400, 48, 32}}) {
    const IntegerProduct product = {GetParam(), num_rows, num_inputs, num_outputs};
    const std::vector<float> y = product.multiply();
    for (std::int64_t row = 0; row < num_rows; ++row) {
      for (std::int64_t output = 0; output < num_outputs; ++output) {
        const auto place = static_cast<std::size_t>(row * num_outputs + output);
        const auto [value, size] = product.expected(product.x, row, output);
        const double other = product.other[place];
        ASSERT_NEAR(y[place], value + other, kRounding * (size + std::abs(other)))
            << num_rows << " x " << num_inputs << " x " << num_outputs << ": " << row << ", " << output;
      }
    }
  }
}

TEST_P(IntegerProductTest, LargestIntegersDoNotSaturate) {
  IntegerProduct product = {GetParam(), 7, 256, 40};
  for (std::size_t i = 0; i < product.x.size(); ++i)
    product.x[i] = i < 256 ? 1.0F : -1.0F;  // 255 with zero point 0, and 0 with 255
  std::ranges::fill(product.scales, 1.0F);
  for (const int sign : {1, -1}) {
    std::ranges::fill(product.weight, static_cast<std::int8_t>(sign * product.largest));
    const std::vector<float> y = product.multiply(product.x, {});
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double expected = 256.0 * sign * product.largest * (i < 40 ? 1 : -1);
      EXPECT_NEAR(y[i], expected + static_cast<double>(product.bias[i % 40]), 0.01) << i;
    }
  }
}

TEST_P(IntegerProductTest, ARowDoesNotDependOnTheOthers) {
  const IntegerProduct all = {GetParam(), 33, 100, 70};
  const std::vector<float> y = all.multiply();
  for (const std::int64_t row : {0, 7, 32}) {
    IntegerProduct alone = {GetParam(), 1, 100, 70};
    alone.x.assign(all.x.begin() + row * 100, all.x.begin() + (row + 1) * 100);
    alone.other.assign(all.other.begin() + row * 70, all.other.begin() + (row + 1) * 70);
    EXPECT_EQ(alone.multiply(), std::vector<float>(y.begin() + row * 70, y.begin() + (row + 1) * 70)) << row;
  }
}

TEST_P(IntegerProductTest, ALargeRowCostsASmallOneNothing) {
  IntegerProduct product = {GetParam(), 2, 100, 8};
  for (std::size_t i = 0; i < 100; ++i) product.x[i] *= 1e6F;
  const std::vector<float> y = product.multiply(product.x, {});
  for (std::int64_t output = 0; output < 8; ++output) {
    double exact = product.bias[static_cast<std::size_t>(output)];
    double size = 0;
    for (std::int64_t i = 0; i < 100; ++i) {
      const double term = static_cast<double>(product.x[static_cast<std::size_t>(100 + i)]) *
                          product.weight[static_cast<std::size_t>(output * 100 + i)] *
                          static_cast<double>(product.scales[static_cast<std::size_t>(output)]);
      exact += term;
      size += std::abs(term);
    }
    EXPECT_NEAR(y[static_cast<std::size_t>(8 + output)], exact, 0.02 * size);  // a step is 1/255 of the range
  }
}

TEST_P(IntegerProductTest, WhatIsNotFiniteIsNotLost) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    for (const std::size_t place : {0U, 63U, 99U}) {
      IntegerProduct product = {GetParam(), 3, 100, 20};
      product.x[100 + place] = bad;
      for (const auto activation : {ProductActivation::kNone, ProductActivation::kRelu}) {
        const std::vector<float> y = product.multiply(product.x, {}, activation);
        for (std::size_t i = 0; i < y.size(); ++i)
          EXPECT_EQ(std::isfinite(y[i]), i < 20 || i >= 40) << bad << " at " << place << ": " << i;
      }
    }
  }
}

TEST_P(IntegerProductTest, Activates) {
  IntegerProduct product = {GetParam(), 9, 40, 50};
  std::ranges::fill(product.scales, 0.01F);
  const std::vector<float> plain = product.multiply(product.x, {});
  const std::vector<float> relu = product.multiply(product.x, {}, ProductActivation::kRelu);
  const std::vector<float> silu = product.multiply(product.x, product.other, ProductActivation::kSilu);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const double value = plain[i];
    EXPECT_EQ(relu[i], std::max(plain[i], 0.0F));
    EXPECT_NEAR(silu[i], value / (1 + std::exp(-value)) + static_cast<double>(product.other[i]),
                2e-6 * (1 + std::abs(value)));
  }
}

TEST_P(IntegerProductTest, Bfloat16InAndOut) {
  const IntegerProduct product = {GetParam(), 15, 72, 37};
  std::vector<Bfloat16> x;
  std::vector<Bfloat16> other;
  for (const float value : product.x) x.push_back(to_bfloat16(value));
  for (const float value : product.other) other.push_back(to_bfloat16(value));
  const std::vector<Bfloat16> y = product.multiply(x, other);
  for (std::int64_t row = 0; row < 15; ++row) {
    for (std::int64_t output = 0; output < 37; ++output) {
      const auto place = static_cast<std::size_t>(row * 37 + output);
      const auto [value, size] = product.expected(x, row, output);
      const double sum = value + static_cast<double>(to_float(other[place]));
      // bfloat16 has 8 bits: half a step is at most 2^-8 of the value.
      EXPECT_NEAR(to_float(y[place]), sum, std::abs(sum) / 256 + kRounding * size + 1e-6) << place;
    }
  }
}

TEST_P(IntegerProductTest, FinishesSumsOfAnotherProduct) {
  const IntegerProduct product = {GetParam(), 6, 60, 21};
  const std::int64_t stride = round_up<std::int64_t>(21, kPaddedOutputs);
  std::vector<float> sums(static_cast<std::size_t>(6 * stride));
  std::vector<std::int32_t> weight_sums(static_cast<std::size_t>(stride));
  std::vector<float> scales = product.scales;
  std::vector<float> bias = product.bias;
  scales.resize(weight_sums.size());
  bias.resize(weight_sums.size());
  std::vector<Quantization> quantizations;
  for (std::int64_t row = 0; row < 6; ++row) {
    std::vector<std::uint8_t> integers(60);
    quantizations.push_back(quantize(product.x.data() + row * 60, 60, integers.data(), GetParam()));
    for (std::int64_t output = 0; output < 21; ++output) {
      std::int32_t sum = 0;
      std::int32_t weight_sum = 0;
      for (std::int64_t i = 0; i < 60; ++i) {
        const int factor = product.weight[static_cast<std::size_t>(output * 60 + i)];
        sum += integers[static_cast<std::size_t>(i)] * factor;
        weight_sum += factor;
      }
      sums[static_cast<std::size_t>(row * stride + output)] = static_cast<float>(sum);
      weight_sums[static_cast<std::size_t>(output)] = weight_sum;
    }
  }
  std::vector<float> y(6 * 21);
  finish_integer_product<float>(sums.data(), 21, {scales.data(), bias.data(), weight_sums.data()},
                                {.x = {nullptr, quantizations.data()},
                                 .other = product.other.data(),
                                 .y = y.data(),
                                 .activation = ProductActivation::kNone},
                                {0, 6}, GetParam());
  // Sums of so few products are whole numbers in float32, too.
  EXPECT_EQ(y, product.multiply());
}

INSTANTIATE_TEST_SUITE_P(KernelVariants, IntegerProductTest, testing::ValuesIn(all_variants()),
                         name_of_variant);

}  // namespace
}  // namespace clipcls
