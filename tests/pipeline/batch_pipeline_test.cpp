#include "clipcls/pipeline/batch_pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

/// A binary PNM of one colour: the simplest format there is.
std::string pixel_image(const char* rgb) { return std::string("P6 1 1 255\n") + rgb; }

class BatchPipelineTest : public testing::Test {
 protected:
  BatchPipelineTest() {
    paths = {folder.write("red.ppm", pixel_image("\xFF\x01\x01")), folder.write("broken.ppm", "P6 1 1 255\n"),
             folder.write("green.ppm", pixel_image("\x01\xFF\x01")), (folder.path() / "missing.ppm").string(),
             folder.write("blue.ppm", pixel_image("\x01\x01\xFF"))};
  }

  std::vector<ImageResult> run(const BatchOptions& options) {
    Matrix axes(3, 3);
    for (std::size_t i = 0; i < 3; ++i) axes.row(i)[i] = 1;  // label 0 is red, 1 green, 2 blue
    const Classifier classifier(axes, 10, 0, ScoreKind::kSoftmax);
    std::vector<ImageResult> results;
    run_batch_pipeline(paths, model, classifier, options,
                       [&](const ImageResult& result) { results.push_back(result); });
    return results;
  }

  TemporaryFolder folder;
  std::vector<std::string> paths;
  FakeClipModel model;
};

TEST_F(BatchPipelineTest, GivesOneResultAnInputInOrderWhateverTheBatchSize) {
  for (const std::size_t batch_size : {1U, 2U, 3U, 5U, 100U}) {
    BatchOptions options;
    options.batch_size = batch_size;
    const auto results = run(options);
    ASSERT_EQ(results.size(), paths.size());
    for (std::size_t i = 0; i < paths.size(); ++i) EXPECT_EQ(results[i].path, paths[i]);
    EXPECT_EQ(results[0].predictions.at(0).label_index, 0U);
    EXPECT_EQ(results[2].predictions.at(0).label_index, 1U);
    EXPECT_EQ(results[4].predictions.at(0).label_index, 2U);
    EXPECT_EQ(error_kind_name(results[1].error->kind()), "broken_image");
    EXPECT_EQ(error_kind_name(results[3].error->kind()), "not_found");
  }
}

TEST_F(BatchPipelineTest, EncodesBatchesOfWhatCouldBeRead) {
  BatchOptions options;
  options.batch_size = 4;
  options.num_workers = 2;
  run(options);  // red, broken, green; missing, blue
  std::ranges::sort(model.batch_sizes);
  EXPECT_EQ(model.batch_sizes, (std::vector<std::size_t>{1, 2}));
}

TEST_F(BatchPipelineTest, KeepsTheOrderWithManyWorkers) {
  const std::vector<std::string> five = paths;
  for (int i = 0; i < 100; ++i) paths.insert(paths.end(), five.begin(), five.end());
  BatchOptions options;
  options.num_workers = 8;
  options.batch_size = 3;
  const auto results = run(options);
  ASSERT_EQ(results.size(), paths.size());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    EXPECT_EQ(results[i].path, paths[i]);
    EXPECT_EQ(results[i].error.has_value(), i % 5 == 1 || i % 5 == 3);
    if (!results[i].error) {
      EXPECT_EQ(results[i].predictions.at(0).label_index, i % 5 / 2);
    }
  }
}

TEST(PlanEncodingTest, BatchesAreOfOneSizeAndAsManyForEachWorker) {
  EncodeOptions options;
  options.num_workers = 2;
  const auto plan = [&](std::size_t num_images) {
    const EncodingPlan made = plan_encoding(num_images, options);
    return std::pair(made.batch_size, made.num_encoders);
  };
  EXPECT_EQ(plan(0), std::pair(std::size_t{1}, std::size_t{1}));
  EXPECT_EQ(plan(1), std::pair(std::size_t{1}, std::size_t{1}));
  EXPECT_EQ(plan(16), std::pair(std::size_t{16}, std::size_t{1}));
  EXPECT_EQ(plan(17), std::pair(std::size_t{9}, std::size_t{2}));
  EXPECT_EQ(plan(33), std::pair(std::size_t{9}, std::size_t{2}));
  EXPECT_EQ(plan(1000), std::pair(std::size_t{16}, std::size_t{2}));
}

TEST_F(BatchPipelineTest, FailFastStopsAfterTheFirstFailure) {
  BatchOptions options;
  options.is_fail_fast = true;
  const auto results = run(options);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_FALSE(results[0].error);
  EXPECT_TRUE(results[1].error);
}

TEST_F(BatchPipelineTest, AnEncoderThatFailsEndsTheRun) {
  model.fails_on_images = true;
  expect_error(ErrorKind::kModel, "image_encoder.pt", [&] { run({}); });
}

TEST_F(BatchPipelineTest, HonoursTheSizeLimit) {
  paths = {folder.write("wide.ppm", "P6 2000 1000 255\n" + std::string(6000000, 'x'))};
  BatchOptions options;
  options.decode.max_megapixels = 1;
  const auto results = run(options);
  ASSERT_TRUE(results.at(0).error);
  EXPECT_EQ(error_kind_name(results[0].error->kind()), "too_large");
}

}  // namespace
}  // namespace clipcls
