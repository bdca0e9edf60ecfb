#include "model/load_model_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "model/model_reference.h"
#include "model/torch_library.h"
#include "support/cosine.h"
#include "support/expect_error.h"
#include "text/tokenizer.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// A model folder whose reference.json (made by Python from open_clip) this program must reproduce.
class ReferenceTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* test_models = std::getenv("CLIPCLS_TEST_MODELS");
    const std::string name = GetParam();
    folder_ = name == "everyday"        ? fs::path(CLIPCLS_MODELS) / name
              : name == "model_format_1" ? fs::path(CLIPCLS_OLD_MODEL)
                                         : fs::path(test_models ? test_models : "") / name;
    if (!fs::exists(folder_ / "reference.json")) {
      GTEST_SKIP() << "no " << folder_
                   << "; tests/support/make_test_models.py --output build/test_models makes it";
    }
    reference_ = read_model_reference(folder_);
    model_ = load_model_folder(folder_);
    const fs::path merges = folder_ / "merges.txt";
    if (fs::exists(merges)) {
      std::ifstream file(merges, std::ios::binary);
      tokenizer_ = Tokenizer(std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }

  std::vector<float> pixel_values_of(std::size_t index) const {
    const ReferencePicture& picture = reference_.pictures.at(index);
    const RgbImage image = make_reference_picture(static_cast<int>(index), picture.width, picture.height);
    std::vector<float> pixel_values(model_->config().image.num_pixel_values());
    preprocess(image, model_->config().image, pixel_values);
    return pixel_values;
  }

  fs::path folder_;
  ModelReference reference_;
  std::unique_ptr<ClipModel> model_;
  Tokenizer tokenizer_;
};

TEST_P(ReferenceTest, TokenIdsAreEqual) {
  ASSERT_EQ(reference_.texts.size(), 50U);
  for (const auto& [text, token_ids] : reference_.texts)
    EXPECT_EQ(tokenizer_.tokenize(text, model_->config().text.context_length).token_ids, token_ids) << text;
}

TEST_P(ReferenceTest, PixelsAreEqual) {
  ASSERT_EQ(reference_.pictures.size(), 3U);
  for (int index = 0; index < 3; ++index) {
    const ReferencePicture& picture = reference_.pictures[static_cast<std::size_t>(index)];
    const RgbImage image = make_reference_picture(index, picture.width, picture.height);
    EXPECT_EQ(fnv1a_64(image.pixels), picture.source_checksum);
    EXPECT_EQ(fnv1a_64(resize_and_crop(image, model_->config().image).pixels), picture.resized_checksum);
  }
}

// Float32 sums in another order differ by about 1e-6 of the norm; 1 - 1e-5 is the bar of the project.
TEST_P(ReferenceTest, ImageFeaturesPointTheSameWay) {
  ASSERT_EQ(reference_.image_features.rows, 3U);
  for (std::size_t index = 0; index < 3; ++index) {
    const Matrix features = model_->encode_image(pixel_values_of(index), 1);
    EXPECT_GE(cosine(features.row(0), reference_.image_features.row(index)), 0.99999) << "picture " << index;
  }
}

TEST_P(ReferenceTest, TextFeaturesPointTheSameWay) {
  const Matrix& expected = reference_.text_features;
  ASSERT_GE(expected.rows, 10U);
  for (std::size_t index = 0; index < expected.rows; ++index) {
    const std::vector<std::int64_t>& ids = reference_.texts[index].token_ids;
    const Matrix features = model_->encode_text({1, ids.size(), ids});
    EXPECT_GE(cosine(features.row(0), expected.row(index)), 0.99999) << "text " << index;
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
    EXPECT_GE(cosine(together.row(index), reference_.image_features.row(index)), 0.99999);
  }
}

TEST_P(ReferenceTest, PaddingBehindTheEndTokenChangesNothing) {
  const TextConfig& text = model_->config().text;
  const std::vector<std::int64_t>& ids = reference_.texts.at(0).token_ids;
  auto padded = ids;
  padded.resize(text.context_length, text.pad_token_id);
  const Matrix features = model_->encode_text({1, padded.size(), padded});
  EXPECT_GE(cosine(features.row(0), reference_.text_features.row(0)), 0.99999);
}

// Before and after the encoder is made ready for many, each text between others with the same beginning.
TEST_P(ReferenceTest, ASharedBeginningChangesNothing) {
  const Matrix& expected = reference_.text_features;
  ASSERT_GE(expected.rows, 10U);
  for (const std::size_t num_tokens : {std::size_t{1}, std::size_t{1000000}}) {
    const auto encoder = model_->prepare_texts({num_tokens, 1, 1});
    std::size_t num_compared = 0;
    for (std::size_t index = 0; index < expected.rows; ++index) {
      const std::vector<std::int64_t>& ids = reference_.texts[index].token_ids;
      TokenIdBatch batch{3, ids.size() + 1, {}, std::min<std::size_t>(3, ids.size() - 1)};
      for (std::size_t row = 0; row < batch.rows; ++row) {
        batch.token_ids.insert(batch.token_ids.end(), ids.begin(), ids.end());
        batch.token_ids.push_back(model_->config().text.pad_token_id);
        if (row != 1 && batch.prefix_length + 1 < ids.size())
          batch.token_ids[row * batch.length + batch.prefix_length] = static_cast<std::int64_t>(300 + row);
      }
      if (batch.length > model_->config().text.context_length) continue;
      const Matrix features = encoder->encode(batch);
      ASSERT_EQ(features.rows, 3U);
      EXPECT_GE(cosine(features.row(1), expected.row(index)), 0.99999) << "text " << index;
      ++num_compared;
    }
    EXPECT_GE(num_compared, expected.rows / 2);  // the rest is as long as the model takes
  }
}

// Threads with encoders of their own, of which some pack the weights while others compute.
TEST_P(ReferenceTest, EncodersForDifferentPlansWorkAtTheSameTime) {
  std::array<Matrix, 4> features;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < features.size(); ++i) {
      threads.emplace_back([this, i, &features] {
        const std::size_t num_images = i % 2 == 0 ? 1 : 1000;
        for (int round = 0; round < 3; ++round) {
          const auto encoder = model_->prepare_images({num_images, 4, 2, 1 + i % 2});
          features[i] = encoder->encode(pixel_values_of(0), 1);
        }
      });
    }
  }
  for (const Matrix& one : features) {
    ASSERT_EQ(one.rows, 1U);
    EXPECT_GE(cosine(one.row(0), reference_.image_features.row(0)), 0.99999);
  }
}

TEST_P(ReferenceTest, AnEncoderMayOutliveItsModel) {
  const auto encoder = model_->prepare_images({});
  const std::vector<float> pixel_values = pixel_values_of(0);
  model_.reset();
  EXPECT_GE(cosine(encoder->encode(pixel_values, 1).row(0), reference_.image_features.row(0)), 0.99999);
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceTest,
                         testing::Values("tiny", "tiny-squash", "tiny-sigmoid", "tiny-merges", "tiny-fp16",
                                         "vit-b-32", "model_format_1", "everyday"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(LoadModelFolder, NamesAFolderThatIsNone) {
  expect_error(ErrorKind::kModel, "config.json: no such file", [] { load_model_folder("/nonexistent"); });
}

TEST(TorchLibrary, KnowsItsVersion) { EXPECT_EQ(torch_version().substr(0, 2), "2."); }

}  // namespace
}  // namespace clipcls
