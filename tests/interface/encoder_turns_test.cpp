#include "interface/encoder_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

EncodingPlan plan_of(std::size_t num_encoders) {
  EncodingPlan plan;
  plan.num_encoders = num_encoders;
  return plan;
}

/// Notices when it is prepared while it is in use, or used as it was not prepared.
class WatchfulModel final : public FakeClipModel {
 public:
  void prepare_for_images(const EncodingPlan& plan) override {
    if (fails_to_prepare) throw Error(ErrorKind::kModel, "cannot be prepared");
    if (num_running != 0) ++num_mistakes;
    prepared_for = plan.num_encoders;
    ++num_prepared;
  }
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch) override {
    ++num_running;
    // The picture says how it is to be encoded.
    if (static_cast<std::size_t>(pixel_values[0]) != prepared_for) ++num_mistakes;
    std::this_thread::yield();
    Matrix features = FakeClipModel::encode_image(pixel_values, batch);
    if (static_cast<std::size_t>(pixel_values[0]) != prepared_for) ++num_mistakes;
    --num_running;
    return features;
  }

  std::atomic<std::size_t> prepared_for = 0;
  std::atomic<std::size_t> num_running = 0;
  std::atomic<std::size_t> num_mistakes = 0;
  std::atomic<std::size_t> num_prepared = 0;
  std::atomic<bool> fails_to_prepare = false;
};

std::vector<float> picture_for(std::size_t num_encoders) {
  return std::vector<float>(12, static_cast<float>(num_encoders));
}

TEST(EncoderTurns, EachCallIsEncodedAsItsPlanSays) {
  WatchfulModel model;
  EncoderTurns turns(model);
  constexpr int kCalls = 60;
  std::atomic<int> num_done = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 6; ++i) {
      threads.emplace_back([&, num_encoders = 1 + i % 3] {
        for (int call = 0; call < kCalls; ++call) {
          const Matrix features = turns.encode_image(picture_for(num_encoders), 1, plan_of(num_encoders));
          if (features.values[0] == static_cast<float>(num_encoders)) ++num_done;
        }
      });
    }
  }
  EXPECT_EQ(num_done, 6 * kCalls);
  EXPECT_EQ(model.num_mistakes, 0U);
}

TEST(EncoderTurns, OnePlanIsPreparedOnce) {
  WatchfulModel model;
  EncoderTurns turns(model);
  for (int i = 0; i < 5; ++i) turns.encode_image(picture_for(2), 1, plan_of(2));
  EXPECT_EQ(model.num_prepared, 1U);
}

TEST(EncoderTurns, AFailureIsTheCallersAlone) {
  WatchfulModel model;
  EncoderTurns turns(model);
  model.fails_to_prepare = true;
  expect_error(ErrorKind::kModel, "cannot be prepared",
               [&] { turns.encode_image(picture_for(2), 1, plan_of(2)); });
  model.fails_to_prepare = false;
  EXPECT_EQ(turns.encode_image(picture_for(2), 1, plan_of(2)).rows, 1U);
  model.fails_on_images = true;
  expect_error(ErrorKind::kModel, "fails", [&] { turns.encode_image(picture_for(2), 1, plan_of(2)); });
  model.fails_on_images = false;
  EXPECT_EQ(turns.encode_image(picture_for(3), 1, plan_of(3)).rows, 1U);
}

}  // namespace
}  // namespace clipcls
