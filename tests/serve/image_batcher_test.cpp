#include "serve/image_batcher.h"

#include <gtest/gtest.h>

#include <future>
#include <map>

#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

using Outcome = ImageJob::Outcome;

/// A model whose first call waits until it is told to go on; the warm-up of the batcher is not counted.
class SlowModel final : public FakeClipModel {
 public:
  Matrix image_features(std::span<const float> pixel_values, std::size_t batch) override {
    {
      const std::lock_guard lock(mutex);
      batches.push_back(batch);
    }
    if (is_held && !was_held.exchange(true)) {
      has_begun.set_value();
      may_go_on.get_future().wait();
    }
    if (is_broken) throw Error(ErrorKind::kModel, "the encoder is broken");
    return FakeClipModel::image_features(pixel_values, batch);
  }

  std::mutex mutex;
  std::vector<std::size_t> batches;
  std::atomic<bool> is_held = false;
  std::atomic<bool> was_held = false;
  std::atomic<bool> is_broken = false;
  std::promise<void> has_begun;
  std::promise<void> may_go_on;
};

class ImageBatcherTest : public testing::Test {
 protected:
  static std::shared_ptr<const ServedLabels> make_labels() {
    Matrix axes(3, 3);
    for (std::size_t i = 0; i < 3; ++i) axes.row(i)[i] = 1;  // label 0 is red, 1 green, 2 blue
    return std::make_shared<const ServedLabels>(ZeroShotClassifier(axes, 10, 0, ScoreKind::kSoftmax),
                                                std::vector<std::string>{"red", "green", "blue"});
  }

  ImageJob job(const std::string& name, const std::string& bytes) {
    return {name,
            bytes,
            labels,
            3,
            std::nullopt,
            std::chrono::steady_clock::now() + std::chrono::minutes(5),
            [this](const ImageResult& result, Outcome outcome) {
              const std::lock_guard lock(mutex);
              results.emplace(result.path, std::pair(result, outcome));
            }};
  }

  BatcherOptions options(std::size_t batch_size, std::size_t num_workers) {
    BatcherOptions batcher;
    batcher.encode.batch_size = batch_size;
    batcher.encode.num_workers = num_workers;
    batcher.window = std::chrono::minutes(5);  // no batch is due because time has passed
    return batcher;
  }

  const std::string red = std::string("P6 1 1 255\n") + "\xFF\x01\x01";
  const std::string blue = std::string("P6 1 1 255\n") + "\x01\x01\xFF";
  const std::shared_ptr<const ServedLabels> labels = make_labels();
  SlowModel model;
  std::mutex mutex;
  std::map<std::string, std::pair<ImageResult, Outcome>> results;
};

TEST_F(ImageBatcherTest, WhatComesWhileABatchIsEncodedIsTheNextBatch) {
  {
    ImageBatcher batcher(model, options(4, 1));
    model.batches.clear();
    model.is_held = true;
    EXPECT_TRUE(batcher.submit(job("first", red)));
    model.has_begun.get_future().wait();
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(batcher.submit(job(std::to_string(i), i % 2 == 0 ? red : blue)));
    EXPECT_TRUE(batcher.submit(job("broken", "P6 1 1 255\n")));
    EXPECT_EQ(batcher.num_waiting(), 8U);
    model.may_go_on.set_value();
  }
  EXPECT_EQ(model.batches, (std::vector<std::size_t>{1, 4, 2}));
  ASSERT_EQ(results.size(), 8U);
  for (int i = 0; i < 6; ++i) {
    const auto& [result, outcome] = results.at(std::to_string(i));
    EXPECT_EQ(outcome, Outcome::kDone);
    EXPECT_EQ(result.predictions.at(0).label_index, i % 2 == 0 ? 0U : 2U);
  }
  EXPECT_EQ(results.at("broken").first.error->kind(), ErrorKind::kBrokenImage);
}

TEST_F(ImageBatcherTest, ACallThatIsAloneGetsAllThreads) {
  {
    ImageBatcher batcher(model, options(4, 2));
    model.plans_of_calls.clear();
    model.is_held = true;
    EXPECT_TRUE(batcher.submit(job("first", red)));
    model.has_begun.get_future().wait();
    std::promise<void> is_done;
    ImageJob second = job("second", blue);
    second.on_result = [&, keep = second.on_result](const ImageResult& result, Outcome outcome) {
      keep(result, outcome);
      is_done.set_value();
    };
    EXPECT_TRUE(batcher.submit(std::move(second)));
    is_done.get_future().wait();  // while the first is still in the encoder
    model.may_go_on.set_value();
  }
  ASSERT_EQ(model.plans_of_calls.size(), 2U);
  EXPECT_EQ(model.plans_of_calls[0].num_encoders, 1U);
  EXPECT_EQ(model.plans_of_calls[1].num_encoders, model.plans_of_calls[1].num_workers);
}

TEST_F(ImageBatcherTest, RefusesMoreThanMayWait) {
  BatcherOptions few = options(4, 1);
  few.max_waiting = 2;
  ImageBatcher batcher(model, few);
  model.is_held = true;
  EXPECT_TRUE(batcher.submit(job("a", red)));
  model.has_begun.get_future().wait();
  EXPECT_FALSE(batcher.is_full());
  EXPECT_TRUE(batcher.submit(job("b", red)));
  EXPECT_TRUE(batcher.is_full());
  EXPECT_FALSE(batcher.submit(job("c", red)));
  model.may_go_on.set_value();
}

TEST_F(ImageBatcherTest, AJobThatHasWaitedTooLongIsNotBegun) {
  {
    ImageBatcher batcher(model, options(4, 2));
    ImageJob late = job("late", red);
    late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    EXPECT_TRUE(batcher.submit(std::move(late)));
    EXPECT_TRUE(batcher.submit(job("early", red)));
  }
  EXPECT_EQ(results.at("late").second, Outcome::kLate);
  EXPECT_EQ(results.at("early").second, Outcome::kDone);
}

TEST_F(ImageBatcherTest, AnEncoderThatFailsIsAnErrorOfItsImagesAlone) {
  ImageBatcher batcher(model, options(4, 2));
  model.is_broken = true;
  std::promise<void> is_done;
  ImageJob broken = job("broken", red);
  broken.on_result = [&, keep = broken.on_result](const ImageResult& result, Outcome outcome) {
    keep(result, outcome);
    is_done.set_value();
  };
  EXPECT_TRUE(batcher.submit(std::move(broken)));
  is_done.get_future().wait();
  model.is_broken = false;
  std::promise<void> is_done_again;
  ImageJob good = job("good", red);
  good.threshold = 0.5;
  good.on_result = [&, keep = good.on_result](const ImageResult& result, Outcome outcome) {
    keep(result, outcome);
    is_done_again.set_value();
  };
  EXPECT_TRUE(batcher.submit(std::move(good)));
  is_done_again.get_future().wait();
  EXPECT_EQ(results.at("broken").first.error->kind(), ErrorKind::kModel);
  EXPECT_EQ(results.at("good").first.predictions.size(), 1U);  // the others are below the threshold
}

}  // namespace
}  // namespace clipcls
