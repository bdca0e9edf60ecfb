#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace clipcls {
namespace {

/// An operator that src/model/libtorch calls by its name, or whose arguments it finds by their place. When
/// libtorch changes one, src/model/libtorch/README.md says what depends on it.
struct Operator {
  const char* name;
  const char* overload;
  const char* schema;  ///< without the name
};

void PrintTo(const Operator& used, std::ostream* stream) { *stream << used.name << ' ' << used.overload; }

class TorchOperatorsTest : public testing::TestWithParam<Operator> {};

TEST_P(TorchOperatorsTest, HasTheSchemaThatWeRelyOn) {
  const auto [name, overload, schema] = GetParam();
  if (!std::string(name).starts_with("aten::") && !at::globalContext().hasMKLDNN())
    GTEST_SKIP() << "this libtorch comes without oneDNN, and clipcls does without its operators";
  const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
  ASSERT_TRUE(found.has_value()) << "this libtorch has no " << name << '.' << overload;
  std::ostringstream actual;
  actual << found->schema();
  const std::string dot = *overload == '\0' ? "" : ".";
  EXPECT_EQ(actual.str(), name + dot + overload + schema);
}

INSTANTIATE_TEST_SUITE_P(
    OfOneDnn, TorchOperatorsTest,
    testing::Values(
        Operator{"mkldnn::_reorder_linear_weight", "", "(Tensor self, int? batch_size=None) -> Tensor Y"},
        Operator{"mkldnn::_linear_pointwise", "",
                 "(Tensor X, Tensor W, Tensor? B, str attr, Scalar?[] scalars, str? algorithm) -> Tensor Y"},
        Operator{"mkldnn::_linear_pointwise", "binary",
                 "(Tensor X, Tensor other, Tensor W, Tensor? B, str attr) -> Tensor Y"},
        Operator{"onednn::qlinear_prepack", "", "(Tensor weight, int[]? x_shape) -> Tensor"},
        Operator{
            "onednn::qlinear_pointwise", "",
            "(Tensor qx, float x_scale, int x_zero_point, Tensor qw, Tensor w_scale, Tensor w_zero_point, "
            "Tensor? bias, float output_scale, int output_zero_point, ScalarType? output_dtype, "
            "str post_op_name, Scalar?[] post_op_args, str post_op_algorithm) -> Tensor"}));

INSTANTIATE_TEST_SUITE_P(
    OfEncoders, TorchOperatorsTest,
    testing::Values(
        Operator{"aten::linear", "", "(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor"},
        Operator{"aten::relu", "", "(Tensor self) -> Tensor"},
        Operator{"aten::silu", "", "(Tensor self) -> Tensor"},
        Operator{"aten::gelu", "", "(Tensor self, *, str approximate=\"none\") -> Tensor"},
        Operator{"aten::add", "Tensor", "(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"},
        Operator{"aten::scaled_dot_product_attention", "",
                 "(Tensor query, Tensor key, Tensor value, Tensor? attn_mask=None, float dropout_p=0., "
                 "bool is_causal=False, *, float? scale=None, bool enable_gqa=False) -> Tensor"}));

}  // namespace
}  // namespace clipcls
