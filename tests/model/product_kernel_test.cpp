#include "model/kernels/product_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "support/kernel_variants.h"
#include "support/random_numbers.h"

namespace clipcls {
namespace {

double activate_plainly(double x, ProductActivation activation) {
  switch (activation) {
    case ProductActivation::kRelu:
      return std::max(x, 0.0);
    case ProductActivation::kSilu:
      return x / (1 + std::exp(-x));
    case ProductActivation::kGelu:
      return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
    case ProductActivation::kGeluTanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    default:
      return x;
  }
}

struct Product {
  std::int64_t num_rows;
  std::int64_t num_inputs;
  std::int64_t num_outputs;
  std::vector<float> x = random_numbers(num_rows * num_inputs, 1);
  std::vector<float> weight = random_numbers(num_outputs * num_inputs, 2);
  std::vector<float> bias = random_numbers(num_outputs, 3);
  std::vector<float> other = random_numbers(num_rows * num_outputs, 4);

  ProductOperands operands(float* y) const {
    return {.x = x.data(), .bias = bias.data(), .other = other.data(), .y = y};
  }

  /// In double.
  double expected(std::int64_t row, std::int64_t output, const ProductOperands& operands) const {
    double sum = 0;
    for (std::int64_t i = 0; i < num_inputs; ++i)
      sum += static_cast<double>(x[static_cast<std::size_t>(row * num_inputs + i)]) *
             weight[static_cast<std::size_t>(output * num_inputs + i)];
    if (operands.bias != nullptr) sum += operands.bias[output];
    if (operands.other != nullptr) sum += operands.other[row * num_outputs + output];
    return activate_plainly(sum, operands.activation);
  }
};

ProductWeight pack(const Product& product, KernelVariant variant) {
  ProductWeight weight(product.num_outputs, product.num_inputs, variant);
  // Panels may be packed in any order.
  const std::int64_t middle = weight.shape().num_panels / 2;
  weight.pack(product.weight.data(), {middle, weight.shape().num_panels});
  weight.pack(product.weight.data(), {0, middle});
  return weight;
}

/// Rows and panels in as many calls as they need, and in two.
template <typename Weight>
void multiply(const Weight& weight, const ProductOperands& operands, std::int64_t num_rows) {
  std::vector<float> scratch(static_cast<std::size_t>(weight.scratch_size()));
  const std::int64_t num_panels = weight.shape().num_panels;
  for (std::int64_t row = 0; row < num_rows; row += weight.blocks().max_rows) {
    const IndexRange rows = {row, std::min(num_rows, row + weight.blocks().max_rows)};
    weight.multiply(operands, rows, {num_panels / 2, num_panels}, scratch.data());
    weight.multiply(operands, rows, {0, num_panels / 2}, scratch.data());
  }
}

using Shape = std::tuple<std::int64_t, std::int64_t, std::int64_t>;

class ProductKernelTest : public testing::TestWithParam<std::tuple<KernelVariant, Shape>> {
 protected:
  void SetUp() override {
    const KernelVariant variant = std::get<0>(GetParam());
    if (!runs_here(variant)) GTEST_SKIP() << "this processor lacks " << variant_name(variant);
  }
};

TEST_P(ProductKernelTest, EqualsASumInDouble) {
  const auto& [variant, shape] = GetParam();
  const auto& [num_rows, num_inputs, num_outputs] = shape;
  const Product product{num_rows, num_inputs, num_outputs};
  const ProductWeight weight = pack(product, variant);
  // A sum of n products of numbers around 1 in float32: the rounding errors grow as √n.
  const double tolerance = 1e-6 * std::sqrt(static_cast<double>(num_inputs)) * 4;
  for (const bool has_bias : {false, true}) {
    for (const bool has_other : {false, true}) {
      std::vector<float> y(static_cast<std::size_t>(num_rows * num_outputs), 1e30F);
      ProductOperands operands = product.operands(y.data());
      if (!has_bias) operands.bias = nullptr;
      if (!has_other) operands.other = nullptr;
      multiply(weight, operands, num_rows);
      for (std::int64_t row = 0; row < num_rows; ++row) {
        for (std::int64_t output = 0; output < num_outputs; ++output)
          ASSERT_NEAR(y[static_cast<std::size_t>(row * num_outputs + output)],
                      product.expected(row, output, operands), tolerance)
              << row << ' ' << output << ' ' << has_bias << has_other;
      }
    }
  }
}

TEST_P(ProductKernelTest, OfAStoredWeightIsThatOfThePackedOne) {
  const auto& [variant, shape] = GetParam();
  const auto& [num_rows, num_inputs, num_outputs] = shape;
  Product product{num_rows, num_inputs, num_outputs};
  const auto size = static_cast<std::size_t>(num_rows * num_outputs);
  const StoredProductWeight stored(product.weight.data(), num_outputs, num_inputs, 1.702F, variant);
  std::vector<float> of_stored(size);
  multiply(stored, product.operands(of_stored.data()), num_rows);
  for (float& value : product.weight) value *= 1.702F;
  std::vector<float> of_packed(size);
  multiply(pack(product, variant), product.operands(of_packed.data()), num_rows);
  EXPECT_EQ(of_stored, of_packed);
}

// Rows around a tile's (3, 6, 14) and a block's, inputs around a chunk's (4) and a block's (256, 384),
// outputs around a panel's (16, 32).
INSTANTIATE_TEST_SUITE_P(Shapes, ProductKernelTest,
                         testing::Combine(testing::ValuesIn(all_variants()),
                                          testing::Values(Shape{1, 1, 1}, Shape{5, 3, 15}, Shape{7, 4, 16},
                                                          Shape{13, 257, 17}, Shape{15, 385, 33},
                                                          Shape{200, 64, 96}, Shape{193, 768, 40},
                                                          Shape{2, 800, 130})),
                         [](const auto& information) {
                           const Shape shape = std::get<1>(information.param);
                           return variant_name(std::get<0>(information.param)) + "_" +
                                  std::to_string(std::get<0>(shape)) + "x" +
                                  std::to_string(std::get<1>(shape)) + "x" +
                                  std::to_string(std::get<2>(shape));
                         });

class ProductKernelVariantTest : public KernelVariantTest {};

// 1.5e-7 of erf's formula and the rounding of what is multiplied with it; e^x has 2e-7.
TEST_P(ProductKernelVariantTest, ActivatesAsPlainFormulasDo) {
  // One input and a weight of 1: the activation alone.
  constexpr std::int64_t kNumRows = 190;
  std::vector<float> x;
  for (std::int64_t row = 0; row < kNumRows; ++row) x.push_back(static_cast<float>(row - 95) / 4);
  x[0] = -1000;
  x[1] = 1000;
  const std::vector<float> one(16, 1.0F);
  ProductWeight weight(16, 1, GetParam());
  weight.pack(one.data(), {0, weight.shape().num_panels});
  for (const auto activation : {ProductActivation::kNone, ProductActivation::kRelu, ProductActivation::kSilu,
                                ProductActivation::kGelu, ProductActivation::kGeluTanh}) {
    std::vector<float> y(16 * kNumRows);
    multiply(weight, {.x = x.data(), .y = y.data(), .activation = activation}, kNumRows);
    for (std::size_t row = 0; row < x.size(); ++row) {
      for (const std::size_t output : {std::size_t{0}, std::size_t{15}})
        ASSERT_NEAR(y[row * 16 + output], activate_plainly(x[row], activation),
                    3e-7 * std::max(1.0F, std::abs(x[row])))
            << x[row] << ' ' << static_cast<int>(activation);
    }
  }
}

TEST_P(ProductKernelVariantTest, WhatIsNoNumberStaysSo) {
  const std::vector<float> one(16, 1.0F);
  ProductWeight weight(16, 1, GetParam());
  weight.pack(one.data(), {0, weight.shape().num_panels});
  const std::vector<float> x(7, std::numeric_limits<float>::quiet_NaN());
  for (const auto activation : {ProductActivation::kNone, ProductActivation::kRelu, ProductActivation::kSilu,
                                ProductActivation::kGelu, ProductActivation::kGeluTanh}) {
    std::vector<float> y(16 * 7);
    multiply(weight, {.x = x.data(), .y = y.data(), .activation = activation}, 7);
    for (const float value : y) EXPECT_TRUE(std::isnan(value)) << static_cast<int>(activation);
  }
}

TEST_P(ProductKernelVariantTest, ARowDoesNotDependOnThoseBesideIt) {
  const Product product{50, 800, 70};
  const ProductWeight weight = pack(product, GetParam());
  std::vector<float> together(50 * 70);
  ProductOperands operands = product.operands(together.data());
  operands.activation = ProductActivation::kGelu;
  multiply(weight, operands, 50);
  for (std::int64_t row = 0; row < 50; ++row) {
    std::vector<float> alone(70);
    operands.x = product.x.data() + row * 800;
    operands.other = product.other.data() + row * 70;
    operands.y = alone.data();
    multiply(weight, operands, 1);
    ASSERT_EQ(alone, std::vector<float>(together.begin() + row * 70, together.begin() + (row + 1) * 70))
        << row;
  }
}

TEST_P(ProductKernelVariantTest, MayAddToTheOutputInPlace) {
  const Product product{20, 800, 33};
  const ProductWeight weight = pack(product, GetParam());
  std::vector<float> apart(20 * 33);
  multiply(weight, product.operands(apart.data()), 20);
  std::vector<float> in_place = product.other;
  ProductOperands operands = product.operands(in_place.data());
  operands.other = in_place.data();
  multiply(weight, operands, 20);
  EXPECT_EQ(in_place, apart);
}

INSTANTIATE_TEST_SUITE_P(Variants, ProductKernelVariantTest, testing::ValuesIn(all_variants()),
                         name_of_variant);

}  // namespace
}  // namespace clipcls
