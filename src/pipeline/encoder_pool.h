#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>

#include "base/threads.h"

namespace clipcls {

/// What an EncoderPool works on: images to load, and batches of loaded ones to encode. Whoever uses a pool
/// derives from it and decides which images make a batch, and when.
class EncoderQueue {
 public:
  virtual ~EncoderQueue() = default;
  EncoderQueue(const EncoderQueue&) = delete;
  EncoderQueue& operator=(const EncoderQueue&) = delete;
  EncoderQueue(EncoderQueue&&) = delete;
  EncoderQueue& operator=(EncoderQueue&&) = delete;

 protected:
  using Clock = std::chrono::steady_clock;
  /// Done once, on a thread of the pool; throws nothing.
  using Work = std::function<void()>;

  EncoderQueue() = default;

  // A thread of the pool asks these, with the mutex locked, and does the work without it.

  /// To encode a batch that is due. Empty: none is.
  virtual Work take_batch() = 0;
  /// To load the next image. Empty: none waits.
  virtual Work take_image() = 0;
  /// When there is nothing to do: the time at which a batch is due though nothing else happens.
  virtual std::optional<Clock::time_point> next_due() const { return std::nullopt; }

  mutable std::mutex mutex_;  ///< guards what the queue holds
  /// To be notified of work, except by work that has been done: its thread asks again anyway.
  std::condition_variable work_changed_;

 private:
  friend class EncoderPool;
};

/// Threads that load images and encode batches. They are all alike: each encodes a batch if one is due, else
/// loads the next image. So the cores are shared between loading and encoding without a setting. Encoding
/// comes first: it is what everybody waits for, and it frees the images' memory.
class EncoderPool {
 public:
  /// Starts `num_threads`, or as many as the system gives; `queue` outlives them. Throws Error
  /// (kInvalidArgument) where not even one can be started.
  EncoderPool(EncoderQueue& queue, std::size_t num_threads);
  /// Waits for the work that has been begun; no other is begun.
  ~EncoderPool();
  EncoderPool(const EncoderPool&) = delete;
  EncoderPool& operator=(const EncoderPool&) = delete;
  EncoderPool(EncoderPool&&) = delete;
  EncoderPool& operator=(EncoderPool&&) = delete;

 private:
  void work();

  EncoderQueue& queue_;
  bool is_ending_ = false;  ///< guarded by the queue's mutex
  ThreadGroup threads_;
};

}  // namespace clipcls
