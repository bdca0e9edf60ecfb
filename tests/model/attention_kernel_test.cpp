#include "model/kernels/attention_kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "support/bfloat16.h"
#include "support/kernel_variants.h"

namespace clipcls {
namespace {

/// Queries, keys and values as one linear layer gives them, [batch, length, 3, num_heads, head_width]; the
/// queries are those of the last `num_queries` positions.
template <typename Value>
class Attention {
 public:
  Attention(std::int64_t num_queries, std::int64_t length, std::int64_t head_width, bool is_causal)
      : size_{kHeads, num_queries, length, head_width, is_causal},
        qkv_(static_cast<std::size_t>(kBatch * length * 3 * kHeads * head_width)),
        output_(static_cast<std::size_t>(kBatch * length * kHeads * head_width)) {
    std::mt19937 generator(7);
    std::normal_distribution<float> normal;
    for (Value& value : qkv_) {
      const float number = normal(generator);
      if constexpr (std::is_same_v<Value, float>) {
        value = number;
      } else {
        value = to_bfloat16(number);
      }
    }
  }

  /// The largest difference from a plain computation in double.
  double largest_error(KernelVariant variant) {
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_size(size_)));
    const std::int64_t width = kHeads * size_.head_width;
    const HeadsView<Value> output{output_.data(), size_.num_queries * width, size_.head_width, width};
    double largest = 0;
    for (std::int64_t batch = 0; batch < kBatch; ++batch) {
      for (std::int64_t head = 0; head < kHeads; ++head) {
        attend(size_, batch, head, queries(), part(1), part(2), output, scratch.data(), variant);
        for (std::int64_t row = 0; row < size_.num_queries; ++row) {
          const std::vector<double> expected = attend_plainly(batch, head, row);
          for (std::size_t i = 0; i < expected.size(); ++i) {
            largest = std::max(largest, std::abs(expected[i] - to_float(output.row(batch, head, row)[i])));
          }
        }
      }
    }
    return largest;
  }

 private:
  static constexpr std::int64_t kBatch = 2;
  static constexpr std::int64_t kHeads = 3;

  HeadsView<const Value> part(std::int64_t index) const {
    const std::int64_t width = kHeads * size_.head_width;
    return {qkv_.data() + index * width, size_.num_keys * 3 * width, size_.head_width, 3 * width};
  }

  HeadsView<const Value> queries() const {
    HeadsView<const Value> view = part(0);
    view.values += (size_.num_keys - size_.num_queries) * view.row_stride;
    return view;
  }

  std::vector<double> attend_plainly(std::int64_t batch, std::int64_t head, std::int64_t row) const {
    const std::int64_t seen = size_.is_causal ? row + 1 + size_.num_keys - size_.num_queries : size_.num_keys;
    std::vector<double> result(static_cast<std::size_t>(size_.head_width));
    double sum = 0;
    for (std::int64_t key = 0; key < seen; ++key) {
      double product = 0;
      for (std::int64_t i = 0; i < size_.head_width; ++i) {
        product += static_cast<double>(to_float(queries().row(batch, head, row)[i])) *
                   to_float(part(1).row(batch, head, key)[i]);
      }
      const double weight = std::exp(product / std::sqrt(static_cast<double>(size_.head_width)));
      sum += weight;
      for (std::size_t i = 0; i < result.size(); ++i) {
        result[i] += weight * to_float(part(2).row(batch, head, key)[i]);
      }
    }
    for (double& value : result) value /= sum;
    return result;
  }

  AttentionSize size_;
  std::vector<Value> qkv_;
  std::vector<Value> output_;
};

struct Sizes {
  std::int64_t length;
  std::int64_t head_width;
};

class AttentionKernelTest : public testing::TestWithParam<std::tuple<KernelVariant, Sizes>> {
 protected:
  void SetUp() override {
    const KernelVariant variant = std::get<0>(GetParam());
    if (!runs_here(variant)) GTEST_SKIP() << "this processor lacks " << variant_name(variant);
  }
};

TEST_P(AttentionKernelTest, EqualsThePlainComputation) {
  const auto [variant, sizes] = GetParam();
  const auto [length, head_width] = sizes;
  for (const bool is_causal : {false, true}) {
    for (const std::int64_t num_queries : {length, (length + 2) / 3, std::int64_t{1}}) {
      const std::string what = std::to_string(num_queries) + (is_causal ? " causal" : "") + " queries";
      // Sums of up to 257 floats of size one.
      EXPECT_LT(Attention<float>(num_queries, length, head_width, is_causal).largest_error(variant), 4e-6)
          << what;
      // The output is rounded to 8 bits: half a unit in the last place of numbers up to 4.
      EXPECT_LT(Attention<Bfloat16>(num_queries, length, head_width, is_causal).largest_error(variant),
                1.0 / 64)
          << what;
    }
  }
}

// ViT-B/32, ViT-L/14, a text; one key; widths and lengths that fill no vector; exactly one block.
INSTANTIATE_TEST_SUITE_P(Variants, AttentionKernelTest,
                         testing::Combine(testing::ValuesIn(all_variants()),
                                          testing::Values(Sizes{50, 64}, Sizes{257, 64}, Sizes{77, 64},
                                                          Sizes{1, 8}, Sizes{7, 80}, Sizes{66, 104},
                                                          Sizes{64, 64}, Sizes{65, 3})),
                         [](const auto& information) {
                           const Sizes sizes = std::get<1>(information.param);
                           return variant_name(std::get<0>(information.param)) +
                                  std::to_string(sizes.length) + "x" + std::to_string(sizes.head_width);
                         });

class LargeScoresTest : public KernelVariantTest {};

TEST_P(LargeScoresTest, DoNotOverflow) {
  const std::vector<float> q = {1000, 1000};
  const std::vector<float> k = {1000, 1000, -1000, -1000};
  const std::vector<float> v = {1, 2, 30, 40};
  std::vector<float> output(2);
  const AttentionSize size{1, 1, 2, 2, false};
  std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_size(size)));
  attend(size, 0, 0, HeadsView<const float>{q.data(), 2, 2, 2}, {k.data(), 4, 2, 2}, {v.data(), 4, 2, 2},
         HeadsView<float>{output.data(), 2, 2, 2}, scratch.data(), GetParam());
  EXPECT_FLOAT_EQ(output[0], 1);
  EXPECT_FLOAT_EQ(output[1], 2);
}

INSTANTIATE_TEST_SUITE_P(Variants, LargeScoresTest, testing::ValuesIn(all_variants()), name_of_variant);

}  // namespace
}  // namespace clipcls
