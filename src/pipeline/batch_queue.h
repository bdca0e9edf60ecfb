#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <stop_token>
#include <vector>

#include "pipeline/encode_images.h"
#include "pipeline/encoder_pool.h"
#include "pipeline/image_source.h"

namespace clipcls {

/// Inputs that are encoded together, on their way through the pipeline.
struct Batch {
  std::vector<ImageInput> inputs;
  std::vector<float> pixel_values;  ///< [inputs, 3, image_size, image_size]
  EncodedBatch encoded;             ///< a result an input; features when it has been encoded
  std::size_t num_taken = 0;        ///< inputs that a thread has begun to load
  std::size_t num_loaded = 0;       ///< inputs that are loaded, or have failed
  bool is_taken_for_encoding = false;
  bool is_done = false;
  std::exception_ptr error;  ///< of the encoder
};

/// The batches of a run over files: one thread adds them and takes them out in the same order, a pool works
/// on them. Which images make a batch is known before the first is loaded, so that it does not depend on
/// which thread is fast.
class BatchQueue final : public EncoderQueue {
 public:
  /// The three outlive the queue.
  BatchQueue(const ImageEncoder& encoder, const EncodeOptions& options, const PreprocessConfig& config)
      : encoder_(encoder), options_(options), config_(config) {}

  /// Batches that have not been taken out.
  std::size_t num_batches() const;

  void add(std::vector<ImageInput> inputs);

  /// Waits for the oldest batch and takes it out; none: there is no other. Once `stop` is requested, batches
  /// that nobody has begun to encode are dropped, unless one behind them is being encoded: a later run can
  /// resume where there is no gap.
  std::shared_ptr<Batch> take_oldest(const std::stop_token& stop);

 private:
  Work take_batch() override;
  Work take_image() override;
  std::span<float> pixel_values(Batch& batch, std::size_t position) const;
  void load(Batch& batch, std::size_t position);
  void encode(Batch& batch);

  const ImageEncoder& encoder_;
  const EncodeOptions& options_;
  const PreprocessConfig& config_;
  std::deque<std::shared_ptr<Batch>> batches_;
  std::condition_variable_any oldest_changed_;
};

}  // namespace clipcls
