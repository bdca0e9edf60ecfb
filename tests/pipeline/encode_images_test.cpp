#include "pipeline/encode_images.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stop_token>
#include <thread>
#include <utility>

#include "model/long_run.h"
#include "support/fake_clip_model.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

class EncodeImagesTest : public testing::Test {
 protected:
  EncodeImagesTest() {
    const std::string header = "P6 1 1 255\n";
    paths = {folder.write("red.ppm", header + "\xFF\x01\x01"), folder.write("broken.ppm", header),
             folder.write("green.ppm", header + "\x01\xFF\x01"),
             folder.write("blue.ppm", header + "\x01\x01\xFF")};
    for (std::size_t i = 4; i < 104; ++i) paths.push_back(paths[i % 4]);
  }

  TemporaryFolder folder;
  std::vector<std::string> paths;
  FakeClipModel model;
};

/// A model whose calls take a time of their own each.
class UnevenModel final : public FakeClipModel {
 public:
  Matrix image_features(std::span<const float> pixel_values, std::size_t batch) override {
    std::this_thread::sleep_for(std::chrono::microseconds(num_calls++ * 7919 % 3000));
    return FakeClipModel::image_features(pixel_values, batch);
  }

  std::atomic<int> num_calls = 0;
};

TEST_F(EncodeImagesTest, BatchesDoNotDependOnWhoIsFast) {
  EncodeOptions how;
  how.num_workers = 4;
  how.batch_size = 3;
  const auto sizes = [&](FakeClipModel& used) {
    std::vector<std::pair<std::size_t, std::vector<float>>> batches;
    const auto source = make_path_source(paths, {});
    encode_images(*source, used, how, [&](const EncodedBatch& batch) {
      batches.emplace_back(batch.results.size(), batch.image_features.values);
    });
    return batches;
  };
  const auto expected = sizes(model);
  UnevenModel uneven;
  for (int run = 0; run < 3; ++run) EXPECT_EQ(sizes(uneven), expected);
}

TEST_F(EncodeImagesTest, TheEncoderOfALongRunIsToldSo) {
  for (const auto& [num_workers, batch_size] : {std::pair(1, 1), std::pair(2, 16), std::pair(5, 48)}) {
    for (const std::size_t num_images :
         {kImagesOfLongRun - 1, kImagesOfLongRun, kImagesOfLongRun + 1, 2 * kImagesOfLongRun}) {
      EncodeOptions how;
      how.num_workers = static_cast<std::size_t>(num_workers);
      how.batch_size = static_cast<std::size_t>(batch_size);
      FakeClipModel used;
      const auto source = make_path_source(std::vector<std::string>(num_images, paths[0]), {});
      encode_images(*source, used, how, [](const EncodedBatch&) {});
      EXPECT_EQ(used.plans_of_calls.at(0).num_images >= kImagesOfLongRun, num_images >= kImagesOfLongRun)
          << num_workers << " threads, batches of " << batch_size << ", " << num_images << " images";
    }
  }
}

TEST_F(EncodeImagesTest, TwoRunsAtOnceOverOneModelGiveWhatOneGives) {
  const auto encode = [&](std::size_t num_workers) {
    EncodeOptions how;
    how.num_workers = num_workers;
    std::vector<float> features;
    const auto source = make_path_source(paths, {});
    encode_images(*source, model, how, [&](const EncodedBatch& batch) {
      features.insert(features.end(), batch.image_features.values.begin(), batch.image_features.values.end());
    });
    return features;
  };
  const std::vector<float> expected = encode(1);
  auto other = std::async(std::launch::async, encode, 3);
  EXPECT_EQ(encode(2), expected);
  EXPECT_EQ(other.get(), expected);
}

/// A model whose calls wait until they may end.
class HeldModel final : public FakeClipModel {
 public:
  Matrix image_features(std::span<const float> pixel_values, std::size_t batch) override {
    if (num_begun++ == 0) has_begun.set_value();
    may_end.wait();
    return FakeClipModel::image_features(pixel_values, batch);
  }

  std::atomic<int> num_begun = 0;
  std::promise<void> has_begun;
  std::promise<void> end;
  std::shared_future<void> may_end = end.get_future().share();
};

TEST_F(EncodeImagesTest, AStopEndsARunAfterWhatIsBeingEncoded) {
  HeldModel held;
  EncodeOptions how;
  how.num_workers = 1;
  how.batch_size = 4;
  std::stop_source stop;
  how.stop = stop.get_token();
  std::size_t num_rows = 0;
  auto run = std::async(std::launch::async, [&] {
    const auto source = make_path_source(paths, {});
    encode_images(*source, held, how, [&](const EncodedBatch& batch) { num_rows += batch.results.size(); });
  });
  held.has_begun.get_future().wait();
  stop.request_stop();
  held.end.set_value();
  run.get();
  EXPECT_LE(held.num_begun, 2);  // of 26: the thread may go on to the next before it hears of the stop
  EXPECT_EQ(num_rows, 4U * static_cast<std::size_t>(held.num_begun.load()));
}

TEST_F(EncodeImagesTest, AStopEndsARunThatWaitsForAList) {
  const std::string pipe = (folder.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int writer = open(pipe.c_str(), O_RDWR);
  ASSERT_GT(::write(writer, (paths[0] + "\n").data(), paths[0].size() + 1), 0);
  std::stop_source stop;
  EncodeOptions how;
  how.stop = stop.get_token();
  std::chrono::steady_clock::time_point stopped;
  std::jthread user;
  const auto list = open_path_list(pipe, false);
  encode_images(*list, model, how, [&](const EncodedBatch& batch) {
    EXPECT_EQ(batch.results.size(), 1U);
    user = std::jthread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the run waits for the next path by then
      stopped = std::chrono::steady_clock::now();
      stop.request_stop();
    });
  });
  user.join();
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, std::chrono::seconds(5));  // it takes microseconds
  close(writer);
}

}  // namespace
}  // namespace clipcls
