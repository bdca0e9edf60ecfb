#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/encode_images.h"
#include "pipeline/image_source.h"

namespace clipcls {

/// Inputs that are encoded together, on their way through the pipeline.
struct Batch {
  std::size_t index = 0;  ///< counted from zero
  std::vector<ImageInput> inputs;
  std::vector<float> pixel_values;  ///< [inputs, 3, image_size, image_size]
  EncodedBatch encoded;             ///< a result an input; features when it has been encoded
  std::size_t num_taken = 0;        ///< inputs that a worker has begun to load
  std::size_t num_loaded = 0;       ///< inputs that are loaded, or have failed
  bool is_taken_for_encoding = false;
  bool is_done = false;
  bool ends_the_run = false;  ///< an input failed, and the run is to stop there
  std::exception_ptr error;   ///< of the encoder
};

/// The batches in flight, one a worker and one that is being loaded meanwhile, and who may do what next.
/// Workers are all alike: each encodes a loaded batch if there is one, else loads the next image. So the
/// cores are shared between decoding and encoding without a setting, and the batches are the same however the
/// work falls. Safe for several threads.
class BatchQueue {
 public:
  /// Takes the inputs `ahead`, then those that `source`, which outlives the queue, has at hand. No source: no
  /// more inputs. Batches have the size of the plan; the last ones, less than one for each encoder, are
  /// smaller and divided evenly, so that no encoder waits for another one at the end.
  BatchQueue(std::deque<ImageInput> ahead, ImageSource* source, const EncodingPlan& plan,
             std::size_t num_pixel_values);

  struct Work {
    std::shared_ptr<Batch> batch;  ///< none: there is nothing left to do
    bool is_encoding = false;      ///< else load input `position` of the batch
    std::size_t position = 0;
  };

  /// Waits for something to do. Throws what the source or the memory for a batch throws.
  Work next();

  /// Work is finished. With `ends_the_run` no batch behind this one is begun.
  void loaded(const std::shared_ptr<Batch>& batch, bool ends_the_run);
  void encoded(const std::shared_ptr<Batch>& batch);

  /// A worker ended by this.
  void failed(std::exception_ptr error);

  /// Waits for the oldest batch and takes it out; none after the last. Asks `keep_running` ten times a
  /// second; when it says no, batches that nobody has begun to encode are dropped unless one behind them is
  /// being encoded. Throws what a worker ended by.
  std::shared_ptr<Batch> take_oldest(const std::function<bool()>& keep_running);

  /// Nothing more is handed out.
  void stop();

 private:
  bool open_batch();
  void look_ahead();
  std::size_t next_batch_size() const;
  void end_inputs();
  void drop_what_is_not_begun();

  std::mutex mutex_;
  std::condition_variable work_changed_;
  std::condition_variable oldest_changed_;
  std::deque<ImageInput> ahead_;
  ImageSource* source_;
  bool has_inputs_ = true;  ///< that no batch holds yet, as far as is known
  std::deque<std::shared_ptr<Batch>> batches_;
  EncodingPlan plan_;
  std::size_t num_pixel_values_;
  std::size_t num_opened_ = 0;
  bool is_stopped_ = false;
  std::exception_ptr failure_;
};

}  // namespace clipcls
