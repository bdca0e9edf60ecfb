#include "model/model_config.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

constexpr const char* kConfig = R"({
  "format_version": 1, "name": "tiny", "source": "made up", "torch_version": "2.13.0", "embed_dim": 32,
  "logit_scale": 56.5, "logit_bias": null, "activation": "softmax",
  "image": {"size": 64, "mean": [0.5, 0.25, 0], "std": [1, 2, 4], "interpolation": "bilinear", "resize_mode": "squash"},
  "text": {"context_length": 16, "vocab_size": 600, "sot_token_id": 598, "eot_token_id": 599, "pad_token_id": 0},
  "prompt_templates": ["a drawing of a {}.", "{}"], "license": "MIT", "a later key": true,
  "architecture": {"image": "VisionTransformer, 12 layers", "text": null}
})";

ModelConfig read_config(const std::string& json) {
  const TemporaryFolder folder;
  folder.write("config.json", json);
  return read_model_config(folder.path());
}

/// kConfig with `from` replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string json = kConfig;
  const std::size_t position = json.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return json.replace(position, from.size(), to);
}

TEST(ModelConfig, ReadsEveryField) {
  const ModelConfig config = read_config(kConfig);
  EXPECT_EQ(config.name, "tiny");
  EXPECT_EQ(config.torch_version, "2.13.0");
  EXPECT_EQ(config.embed_dim, 32U);
  EXPECT_EQ(config.logit_scale, 56.5);
  EXPECT_FALSE(config.logit_bias);
  EXPECT_EQ(config.activation, Activation::kSoftmax);
  EXPECT_EQ(config.image.image_size, 64);
  EXPECT_EQ(config.image.image_mean, (std::array<float, 3>{0.5F, 0.25F, 0}));
  EXPECT_EQ(config.image.image_std, (std::array<float, 3>{1, 2, 4}));
  EXPECT_EQ(config.image.interpolation, Interpolation::kBilinear);
  EXPECT_EQ(config.image.resize_mode, ResizeMode::kSquash);
  EXPECT_EQ(resize_mode_words().at("longest"), ResizeMode::kPad);
  EXPECT_EQ(resize_mode_word(ResizeMode::kPad), "longest");
  EXPECT_EQ(config.text.context_length, 16U);
  EXPECT_EQ(config.text.vocab_size, 600);
  EXPECT_EQ(config.text.eot_token_id, 599);
  EXPECT_EQ(config.prompt_templates, (std::vector<std::string>{"a drawing of a {}.", "{}"}));
  EXPECT_EQ(config.license, "MIT");
  EXPECT_EQ(config.image_architecture, "VisionTransformer, 12 layers");
  EXPECT_EQ(config.text_architecture, "");
}

TEST(ModelConfig, ReadsASigmoidModel) {
  const ModelConfig config = read_config(with("\"logit_bias\": null, \"activation\": \"softmax\"",
                                              "\"logit_bias\": -10, \"activation\": \"sigmoid\""));
  EXPECT_EQ(config.logit_bias, -10.0);
  EXPECT_EQ(config.activation, Activation::kSigmoid);
}

struct BadConfig {
  const char* from;
  const char* to;
  const char* message;
};

class BadModelConfig : public testing::TestWithParam<BadConfig> {};

TEST_P(BadModelConfig, IsNamed) {
  expect_error(ErrorKind::kModel, GetParam().message,
               [] { read_config(with(GetParam().from, GetParam().to)); });
  expect_error(ErrorKind::kModel, "config.json: ", [] { read_config(with(GetParam().from, GetParam().to)); });
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadModelConfig,
    testing::Values(
        BadConfig{"\"embed_dim\": 32,", "", "field embed_dim is missing"},
        BadConfig{"\"embed_dim\": 32", "\"embed_dim\": 0",
                  "field embed_dim is 0, expected an integer from 1"},
        BadConfig{"\"embed_dim\": 32", "\"embed_dim\": 1e300",
                  "field embed_dim is 1e+300, expected an integer"},
        BadConfig{"\"embed_dim\": 32", "\"embed_dim\": 18446744073709551615", "expected an integer from 1"},
        BadConfig{"\"embed_dim\": 32", "\"embed_dim\": \"32\"",
                  "field embed_dim is \"32\", expected an integer"},
        BadConfig{"56.5", "-1", "field logit_scale is not above zero"},
        BadConfig{"56.5", "1e39", "field logit_scale is 1e+39, expected a number from 0 to 1000000"},
        BadConfig{"\"logit_bias\": null", "\"logit_bias\": -1e300",
                  "field logit_bias is -1e+300, expected a number from -1000000 to 1000000"},
        BadConfig{"a drawing of", "a drawing\\nof", "field prompt_templates is"},
        BadConfig{"56.5", "null", "field logit_scale is null, expected a number"},
        BadConfig{"\"softmax\"", "\"tanh\"", "field activation is \"tanh\", expected sigmoid or softmax"},
        BadConfig{"\"size\": 64", "\"size\": 100000",
                  "field image.size is 100000, expected an integer from 1 to 4096"},
        BadConfig{"[1, 2, 4]", "[1, 2]", "field image.std is [1,2], expected three numbers"},
        BadConfig{"[1, 2, 4]", "[1, 0, 4]", "field image.std has a zero"},
        BadConfig{"\"bilinear\"", "\"nearest\"",
                  "field image.interpolation is \"nearest\", expected bicubic or bilinear"},
        BadConfig{"\"squash\"", "\"pad\"",
                  "field image.resize_mode is \"pad\", expected longest or shortest or squash"},
        BadConfig{"\"eot_token_id\": 599", "\"eot_token_id\": 600", "field text.eot_token_id is 600"},
        BadConfig{"\"context_length\": 16", "\"context_length\": 1", "field text.context_length is 1"},
        BadConfig{", \"{}\"]", ", \"x\"]", "field prompt_templates is"},
        BadConfig{"[\"a drawing of a {}.\", \"{}\"]", "[]", "field prompt_templates is []"},
        BadConfig{"\"format_version\": 1", "\"format_version\": 99", "field format_version is 99"},
        BadConfig{"\"name\"", "name", "is not valid JSON at byte"}));

TEST(ModelConfig, NamesTheImportForTheConfigurationsOfOthers) {
  for (const char* json : {R"({"model_type": "clip"})", R"({"model_cfg": {}})"}) {
    expect_error(ErrorKind::kModel, "clipcls model import makes one from it", [&] { read_config(json); });
  }
  const TemporaryFolder folder;
  folder.write("open_clip_config.json", "{}");
  expect_error(ErrorKind::kModel, "clipcls model import", [&] { read_model_config(folder.path()); });
}

TEST(ModelConfig, RefusesNumbersBeyondAFloat) {
  expect_error(ErrorKind::kModel, "field image.std is [1,2,1e+300], beyond what a float holds",
               [] { read_config(with("[1, 2, 4]", "[1, 2, 1e300]")); });
}

TEST(ModelConfig, RefusesNumbersBeyondADouble) {
  expect_error(ErrorKind::kModel, "config.json: has a number that is too large",
               [] { read_config(with("56.5", "1e999")); });
}

TEST(ModelConfig, RefusesDeepNesting) {
  expect_error(ErrorKind::kModel, "is nested too deeply", [] { read_config(std::string(1000000, '[')); });
}

TEST(ModelConfig, NamesAMissingFile) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kModel, "config.json: no such file", [&] { read_model_config(folder.path()); });
  expect_error(ErrorKind::kModel, "is not a JSON object", [] { read_config("[]"); });
}

}  // namespace
}  // namespace clipcls
