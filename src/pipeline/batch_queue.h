#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "clipcls/pipeline/encode_images.h"

namespace clipcls {

/// Inputs that are encoded together, on their way through the pipeline.
struct Batch {
  std::size_t index = 0;  ///< counted from zero
  std::span<const std::string> paths;
  std::vector<float> pixel_values;  ///< [paths, 3, image_size, image_size]
  EncodedBatch encoded;             ///< a result a path; features when it has been encoded
  std::size_t num_taken = 0;        ///< paths that a worker has begun to load
  std::size_t num_loaded = 0;       ///< paths that are loaded, or have failed
  bool is_taken_for_encoding = false;
  bool is_done = false;
  bool ends_the_run = false;  ///< an input failed, and the run is to stop there
  std::exception_ptr error;   ///< of the encoder
};

/// The batches in flight, at most `max_batches`, and who may do what next. Workers are all alike: each
/// encodes a loaded batch if there is one, else loads the next image. So the cores are shared between
/// decoding and encoding without a setting, and the batches are the same however the work falls. Safe for
/// several threads.
class BatchQueue {
 public:
  /// `paths` outlives the queue.
  BatchQueue(std::span<const std::string> paths, std::size_t batch_size, std::size_t max_batches,
             std::size_t num_pixel_values);

  struct Work {
    std::shared_ptr<Batch> batch;  ///< none: there is nothing left to do
    bool is_encoding = false;      ///< else load path `position` of the batch
    std::size_t position = 0;
  };

  /// Waits for something to do.
  Work next();

  /// Work is finished. With `ends_the_run` no batch behind this one is begun.
  void loaded(const std::shared_ptr<Batch>& batch, bool ends_the_run);
  void encoded(const std::shared_ptr<Batch>& batch);

  /// Waits for the oldest batch and takes it out; none after the last.
  std::shared_ptr<Batch> take_oldest();

  /// Nothing more is handed out.
  void stop();

 private:
  bool open_batch();

  std::mutex mutex_;
  std::condition_variable work_changed_;
  std::condition_variable oldest_changed_;
  std::span<const std::string> paths_;  ///< that no batch holds yet
  std::deque<std::shared_ptr<Batch>> batches_;
  std::size_t batch_size_;
  std::size_t max_batches_;
  std::size_t num_pixel_values_;
  std::size_t num_opened_ = 0;
  bool is_stopped_ = false;
};

}  // namespace clipcls
