#include "pipeline/encoder_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace clipcls {
namespace {

/// A queue whose images are numbers and whose batches are full with two of them, or due at a time.
class PairQueue final : public EncoderQueue {
 public:
  void add(int num_images) {
    {
      const std::lock_guard lock(mutex_);
      num_waiting_ += num_images;
    }
    work_changed_.notify_all();
  }

  std::string done() const {
    const std::lock_guard lock(mutex_);
    return done_;
  }

  std::function<void()> on_image = [] {};
  std::promise<void> has_ended;  ///< kept at the last batch
  int num_batches_left = 1;
  std::chrono::milliseconds patience{std::chrono::hours(1)};

 private:
  Work take_batch() override {
    if (num_loaded_ == 0 || (num_loaded_ < 2 && Clock::now() < since_ + patience)) return {};
    num_loaded_ -= std::min(2, num_loaded_);
    return [this] {
      const std::lock_guard lock(mutex_);
      done_ += 'B';
      if (--num_batches_left == 0) has_ended.set_value();
    };
  }

  Work take_image() override {
    if (num_waiting_ == 0) return {};
    --num_waiting_;
    return [this] {
      on_image();
      const std::lock_guard lock(mutex_);
      done_ += 'i';
      ++num_loaded_;
      since_ = Clock::now();
    };
  }

  std::optional<Clock::time_point> next_due() const override {
    return num_loaded_ > 0 ? std::optional(since_ + patience) : std::nullopt;
  }

  int num_waiting_ = 0;
  int num_loaded_ = 0;
  Clock::time_point since_;
  std::string done_;
};

TEST(EncoderPool, ABatchComesBeforeTheNextImage) {
  PairQueue queue;
  queue.num_batches_left = 3;
  queue.add(6);
  const EncoderPool pool(queue, 1);
  queue.has_ended.get_future().wait();
  EXPECT_EQ(queue.done(), "iiBiiBiiB");
}

TEST(EncoderPool, EveryThreadDoesEverything) {
  PairQueue queue;
  queue.num_batches_left = 50;
  const EncoderPool pool(queue, 8);
  for (int i = 0; i < 100; ++i) queue.add(1);
  queue.has_ended.get_future().wait();
  EXPECT_EQ(queue.done().size(), 150U);
}

TEST(EncoderPool, ABatchIsDueWhenItsTimeHasCome) {
  PairQueue queue;
  queue.patience = std::chrono::milliseconds(5);
  const EncoderPool pool(queue, 2);
  queue.add(1);
  queue.has_ended.get_future().wait();
  EXPECT_EQ(queue.done(), "iB");
}

TEST(EncoderPool, EndsAfterTheWorkThatHasBegun) {
  PairQueue queue;
  std::promise<void> has_begun;
  std::promise<void> may_end;
  queue.on_image = [&] {
    has_begun.set_value();
    may_end.get_future().wait();
  };
  std::optional<EncoderPool> pool(std::in_place, queue, 1);
  queue.add(10);
  has_begun.get_future().wait();
  auto end = std::async(std::launch::async, [&] { pool.reset(); });
  EXPECT_EQ(end.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  may_end.set_value();
  end.get();
  EXPECT_EQ(queue.done(), "i");
}

}  // namespace
}  // namespace clipcls
