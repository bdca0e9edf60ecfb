#include "clipcls/model/torchscript_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "clipcls/model/model_reference.h"
#include "clipcls/text/tokenizer.h"
#include "clipcls/zero_shot/zero_shot_weights.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

double cosine(std::span<const float> a, const nlohmann::json& b) {
  double dot = 0;
  double norm_a = 0;
  double norm_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i];
    const double y = b.at(i).get<double>();
    dot += x * y;
    norm_a += x * x;
    norm_b += y * y;
  }
  return dot / std::sqrt(norm_a * norm_b);
}

/// A model folder whose reference.json (made by Python from open_clip) this program must reproduce.
class ReferenceTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* test_models = std::getenv("CLIPCLS_TEST_MODELS");
    const std::string name = GetParam();
    folder_ = name == "pictogram" ? fs::path(CLIPCLS_MODELS) / name
                                  : fs::path(test_models ? test_models : "") / name;
    if (!fs::exists(folder_ / "reference.json")) {
      GTEST_SKIP() << "no " << folder_
                   << "; tests/support/make_test_models.py --output build/test_models makes it";
    }
    reference_ = nlohmann::json::parse(std::ifstream(folder_ / "reference.json"));
    model_ = load_torchscript_model(folder_);
    const fs::path merges = folder_ / "merges.txt";
    if (fs::exists(merges)) {
      std::ifstream file(merges, std::ios::binary);
      tokenizer_ = Tokenizer(std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }

  std::vector<float> pixel_values_of(std::size_t index) const {
    const nlohmann::json& picture = reference_.at("pictures").at(index);
    const Image image =
        make_reference_picture(static_cast<int>(index), picture.at("width"), picture.at("height"));
    std::vector<float> pixel_values(model_->config().image.num_pixel_values());
    preprocess(image, model_->config().image, pixel_values);
    return pixel_values;
  }

  fs::path folder_;
  nlohmann::json reference_;
  std::unique_ptr<ClipModel> model_;
  Tokenizer tokenizer_;
};

TEST_P(ReferenceTest, TokenIdsAreEqual) {
  const auto& texts = reference_.at("texts");
  ASSERT_EQ(texts.size(), 50U);
  for (const auto& text : texts) {
    const auto prompt =
        tokenizer_.tokenize(text.at("text").get<std::string>(), model_->config().text.context_length);
    EXPECT_EQ(prompt.token_ids, text.at("token_ids").get<std::vector<std::int64_t>>()) << text.at("text");
  }
}

TEST_P(ReferenceTest, PixelsAreEqual) {
  ASSERT_EQ(reference_.at("pictures").size(), 3U);
  for (int index = 0; index < 3; ++index) {
    const auto& picture = reference_.at("pictures").at(static_cast<std::size_t>(index));
    const Image image = make_reference_picture(index, picture.at("width"), picture.at("height"));
    EXPECT_EQ(fnv1a_64(image.pixels), picture.at("source_fnv1a64").get<std::string>());
    EXPECT_EQ(fnv1a_64(resize_and_crop(image, model_->config().image).pixels),
              picture.at("resized_fnv1a64").get<std::string>());
  }
}

// Float32 sums in another order differ by about 1e-6 of the norm; 1 - 1e-5 is the bar of the project.
TEST_P(ReferenceTest, ImageFeaturesPointTheSameWay) {
  for (std::size_t index = 0; index < 3; ++index) {
    const Matrix features = model_->encode_image(pixel_values_of(index), 1);
    EXPECT_GE(cosine(features.row(0), reference_.at("image_features").at(index)), 0.99999)
        << "picture " << index;
  }
}

TEST_P(ReferenceTest, TextFeaturesPointTheSameWay) {
  const auto& expected = reference_.at("text_features");
  ASSERT_GE(expected.size(), 10U);
  for (std::size_t index = 0; index < expected.size(); ++index) {
    const auto ids = reference_.at("texts").at(index).at("token_ids").get<std::vector<std::int64_t>>();
    const Matrix features = model_->encode_text({1, ids.size(), ids});
    EXPECT_GE(cosine(features.row(0), expected.at(index)), 0.99999) << "text " << index;
  }
}

TEST_P(ReferenceTest, ABatchGivesWhatSingleImagesGive) {
  std::vector<float> batch;
  for (std::size_t index = 0; index < 3; ++index) {
    const std::vector<float> one = pixel_values_of(index);
    batch.insert(batch.end(), one.begin(), one.end());
  }
  const Matrix together = model_->encode_image(batch, 3);
  ASSERT_EQ(together.rows, 3U);
  ASSERT_EQ(together.cols, model_->config().embed_dim);
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_GE(cosine(together.row(index), reference_.at("image_features").at(index)), 0.99999);
  }
}

TEST_P(ReferenceTest, PaddingBehindTheEndTokenChangesNothing) {
  const TextConfig& text = model_->config().text;
  const auto ids = reference_.at("texts").at(0).at("token_ids").get<std::vector<std::int64_t>>();
  auto padded = ids;
  padded.resize(text.context_length, text.pad_token_id);
  const Matrix features = model_->encode_text({1, padded.size(), padded});
  EXPECT_GE(cosine(features.row(0), reference_.at("text_features").at(0)), 0.99999);
}

// Before and after the encoder is made ready for many, each text between others with the same beginning.
TEST_P(ReferenceTest, ASharedBeginningChangesNothing) {
  const auto& expected = reference_.at("text_features");
  for (const std::size_t num_tokens : {std::size_t{1}, std::size_t{1000000}}) {
    model_->prepare_for_texts({num_tokens, 1, 1});
    for (std::size_t index = 0; index < expected.size(); ++index) {
      const auto ids = reference_.at("texts").at(index).at("token_ids").get<std::vector<std::int64_t>>();
      TokenIdBatch batch{3, ids.size() + 1, {}, std::min<std::size_t>(3, ids.size() - 1)};
      for (std::size_t row = 0; row < batch.rows; ++row) {
        batch.token_ids.insert(batch.token_ids.end(), ids.begin(), ids.end());
        batch.token_ids.push_back(model_->config().text.pad_token_id);
        if (row != 1 && batch.prefix_length + 1 < ids.size())
          batch.token_ids[row * batch.length + batch.prefix_length] = static_cast<std::int64_t>(300 + row);
      }
      if (batch.length > model_->config().text.context_length) continue;
      const Matrix features = model_->encode_text(batch);
      ASSERT_EQ(features.rows, 3U);
      EXPECT_GE(cosine(features.row(1), expected.at(index)), 0.99999) << "text " << index;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceTest,
                         testing::Values("tiny", "tiny-squash", "tiny-sigmoid", "tiny-merges", "tiny-fp16",
                                         "vit-b-32", "pictogram"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(TorchScriptModel, NamesAFolderThatIsNone) {
  expect_error(ErrorKind::kModel, "config.json: cannot be read",
               [] { load_torchscript_model("/nonexistent"); });
}

TEST(TorchScriptModel, KnowsItsTorch) { EXPECT_EQ(torch_version().substr(0, 2), "2."); }

}  // namespace
}  // namespace clipcls
