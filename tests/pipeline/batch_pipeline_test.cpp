#include "pipeline/batch_pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stop_token>
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
    const ZeroShotClassifier classifier(axes, 10, 0, ScoreKind::kSoftmax);
    std::vector<ImageResult> results;
    const auto source = make_path_source(paths, {});
    run_batch_pipeline(*source, model, classifier, options,
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

TEST_F(BatchPipelineTest, TheEndOfALongRunIsDividedEvenly) {
  for (const std::size_t num_images : {64U, 513U, 1000U, 1009U, 1025U, 1032U, 1512U}) {
    const auto source = make_path_source(std::vector<std::string>(num_images, paths[0]), {});
    EncodeOptions options;
    options.num_workers = 2;
    std::vector<std::size_t> sizes;
    encode_images(*source, model, options,
                  [&](const EncodedBatch& batch) { sizes.push_back(batch.results.size()); });
    std::vector<std::size_t> expected(num_images / 32 * 2, 16);
    const std::size_t num_left = num_images % 32;
    for (const std::size_t size : {(num_left + 1) / 2, num_left / 2}) {
      if (size > 0) expected.push_back(size);
    }
    EXPECT_EQ(sizes, expected);
  }
}

/// A list that is written in bursts of so many paths; in between, the next has not been written yet.
class BurstSource final : public ImageSource {
 public:
  BurstSource(std::vector<std::string> paths, std::vector<std::size_t> bursts)
      : paths_(std::move(paths)), bursts_(std::move(bursts)) {}
  std::optional<ImageInput> next() override {
    if (is_at_end() || num_left_ == 0) return std::nullopt;
    --num_left_;
    return ImageInput{paths_[next_++]};
  }
  bool is_at_end() const override { return next_ == paths_.size(); }
  void wait(const std::stop_token& /*stop*/) override {
    num_rows_when_waiting.push_back(num_rows);
    num_left_ = bursts_.at(num_rows_when_waiting.size() - 1);
  }

  std::size_t num_rows = 0;
  std::vector<std::size_t> num_rows_when_waiting;

 private:
  std::vector<std::string> paths_;
  std::vector<std::size_t> bursts_;
  std::size_t next_ = 0;
  std::size_t num_left_ = 0;
};

TEST_F(BatchPipelineTest, HandsOverWhatIsThereBeforeItWaitsForMore) {
  BurstSource source(paths, {1, 2, 1, 1});
  const ZeroShotClassifier classifier(Matrix(1, 3), 10, 0, ScoreKind::kSoftmax);
  run_batch_pipeline(source, model, classifier, {}, [&](const ImageResult& result) {
    EXPECT_EQ(result.path, paths[source.num_rows]);
    ++source.num_rows;
  });
  EXPECT_EQ(source.num_rows, paths.size());
  EXPECT_EQ(source.num_rows_when_waiting, (std::vector<std::size_t>{0, 1, 3, 4}));
}

TEST_F(BatchPipelineTest, AFewImagesAheadOfManyDoNotMakeTheBatchesSmall) {
  BurstSource source(std::vector<std::string>(1 + 100 + 3, paths[0]), {1, 100, 3});
  const ZeroShotClassifier classifier(Matrix(1, 3), 10, 0, ScoreKind::kSoftmax);
  EncodeOptions how;
  how.num_workers = 1;  // batches are encoded in their order
  encode_images(source, model, how,
                [&](const EncodedBatch& batch) { source.num_rows += batch.results.size(); });
  EXPECT_EQ(model.batch_sizes, (std::vector<std::size_t>{1, 16, 16, 16, 16, 16, 16, 4, 3}));
  EXPECT_EQ(source.num_rows_when_waiting, (std::vector<std::size_t>{0, 1, 101}));
}

TEST_F(BatchPipelineTest, EndsWhenItIsToldTo) {
  for (int i = 0; i < 10; ++i) paths.insert(paths.end(), paths.begin(), paths.begin() + 5);
  BatchOptions options;
  options.num_workers = 2;
  options.batch_size = 2;
  std::size_t num_rows = 0;
  std::stop_source stop;
  options.stop = stop.get_token();
  const ZeroShotClassifier classifier(Matrix(1, 3), 10, 0, ScoreKind::kSoftmax);
  const auto source = make_path_source(paths, {});
  run_batch_pipeline(*source, model, classifier, options, [&](const ImageResult& result) {
    EXPECT_EQ(result.path, paths[num_rows++]);
    if (num_rows == 6) stop.request_stop();
  });
  EXPECT_GE(num_rows, 6U);
  EXPECT_LE(num_rows, 12U);  // the batches that were under way, at most one a worker and one more
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
