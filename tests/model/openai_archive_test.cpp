#include "model/openai_archive.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "model/load_model_folder.h"
#include "model/model_reference.h"
#include "support/cosine.h"
#include "support/expect_error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr double kMinCosine = 0.99999;  // the bar of the project

/// An archive of OpenAI's layout, and beside it a folder with open_clip's features of the reference inputs.
class OpenAiArchiveTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* test_models = std::getenv("CLIPCLS_TEST_MODELS");
    folder_ = fs::path(test_models ? test_models : "") / "openai" / GetParam();
    if (!fs::exists(folder_ / "reference.json")) {
      GTEST_SKIP() << "no " << folder_
                   << "; tests/support/make_test_models.py --output build/test_models makes it";
    }
    reference_ = read_model_reference(folder_);
    model_ = load_openai_archive(folder_.string() + ".pt");
  }

  Matrix image_features(ClipModel& model, std::size_t index) const {
    const ReferencePicture& picture = reference_.pictures[index];
    std::vector<float> pixel_values(model.config().image.num_pixel_values());
    preprocess(make_reference_picture(static_cast<int>(index), picture.width, picture.height),
               model.config().image, pixel_values);
    return model.encode_image(pixel_values, 1);
  }

  Matrix text_features(ClipModel& model, std::size_t index) const {
    const auto& ids = reference_.texts[index].token_ids;
    return model.encode_text({1, ids.size(), ids});
  }

  fs::path folder_;
  ModelReference reference_;
  std::unique_ptr<ClipModel> model_;
};

TEST_P(OpenAiArchiveTest, ImageFeaturesAreThoseOfOpenClip) {
  ASSERT_EQ(reference_.image_features.rows, 3U);
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_GE(cosine(image_features(*model_, index).row(0), reference_.image_features.row(index)), kMinCosine)
        << "picture " << index;
  }
}

TEST_P(OpenAiArchiveTest, TextFeaturesAreThoseOfOpenClip) {
  ASSERT_GE(reference_.text_features.rows, 10U);
  for (std::size_t index = 0; index < reference_.text_features.rows; ++index) {
    EXPECT_GE(cosine(text_features(*model_, index).row(0), reference_.text_features.row(index)), kMinCosine)
        << "text " << index;
  }
}

TEST_P(OpenAiArchiveTest, LengthsOfFeaturesAreThoseOfOpenClip) {
  const auto norm = [](std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return std::sqrt(sum);
  };
  EXPECT_NEAR(norm(image_features(*model_, 1).row(0)) / norm(reference_.image_features.row(1)), 1, 1e-4);
  EXPECT_NEAR(norm(text_features(*model_, 1).row(0)) / norm(reference_.text_features.row(1)), 1, 1e-4);
}

TEST_P(OpenAiArchiveTest, ABatchGivesWhatSinglePromptsGive) {
  TokenIdBatch batch;
  batch.rows = 10;
  for (std::size_t index = 0; index < batch.rows; ++index) {
    batch.length = std::max(batch.length, reference_.texts[index].token_ids.size());
  }
  for (std::size_t index = 0; index < batch.rows; ++index) {
    auto ids = reference_.texts[index].token_ids;
    ids.resize(batch.length, model_->config().text.pad_token_id);
    batch.token_ids.insert(batch.token_ids.end(), ids.begin(), ids.end());
  }
  const Matrix together = model_->encode_text(batch);
  for (std::size_t index = 0; index < batch.rows; ++index) {
    EXPECT_GE(cosine(together.row(index), reference_.text_features.row(index)), kMinCosine)
        << "text " << index;
  }
}

/// The towers that are built here and those that the Python exporter writes are two texts of one thing.
TEST_P(OpenAiArchiveTest, IsWhatTheExporterWrites) {
  if (!fs::exists(folder_ / "config.json")) GTEST_SKIP() << "the exporter does not write ResNets";
  const std::unique_ptr<ClipModel> exported = load_model_folder(folder_);
  for (std::size_t index = 0; index < 3; ++index) {
    EXPECT_GE(cosine(image_features(*model_, index).row(0), image_features(*exported, index).row(0)),
              1 - 1e-9);
  }
  for (std::size_t index = 0; index < reference_.texts.size(); ++index) {
    EXPECT_GE(cosine(text_features(*model_, index).row(0), text_features(*exported, index).row(0)), 1 - 1e-9);
  }
  const ModelConfig& config = model_->config();
  const ModelConfig& expected = exported->config();
  EXPECT_EQ(config.embed_dim, expected.embed_dim);
  EXPECT_NEAR(config.logit_scale, expected.logit_scale, 1e-3);
  EXPECT_EQ(config.image.image_size, expected.image.image_size);
  EXPECT_EQ(config.image.image_mean, expected.image.image_mean);
  EXPECT_EQ(config.image.image_std, expected.image.image_std);
  EXPECT_EQ(config.image.interpolation, expected.image.interpolation);
  EXPECT_EQ(config.image.resize_mode, expected.image.resize_mode);
  EXPECT_EQ(config.text.context_length, expected.text.context_length);
  EXPECT_EQ(config.text.vocab_size, expected.text.vocab_size);
  EXPECT_EQ(config.text.sot_token_id, expected.text.sot_token_id);
  EXPECT_EQ(config.text.eot_token_id, expected.text.eot_token_id);
  EXPECT_EQ(config.prompt_templates, expected.prompt_templates);
}

INSTANTIATE_TEST_SUITE_P(Archives, OpenAiArchiveTest, testing::Values("vit", "resnet"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(OpenAiArchive, NamesAFileThatIsNone) {
  expect_error(ErrorKind::kModel, "/nonexistent.pt: is neither a model folder nor a file",
               [] { load_openai_archive("/nonexistent.pt"); });
}

}  // namespace
}  // namespace clipcls
