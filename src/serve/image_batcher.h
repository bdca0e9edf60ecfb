#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/threads.h"
#include "model/clip_model.h"
#include "pipeline/encode_images.h"
#include "pipeline/encoder_pool.h"
#include "pipeline/image_result.h"
#include "serve/served_labels.h"

namespace clipcls {

/// One image to classify.
struct ImageJob {
  std::string name;   ///< becomes the result's path
  std::string bytes;  ///< an image file
  std::shared_ptr<const ServedLabels> labels;
  std::size_t top_k = 5;
  std::optional<double> threshold;  ///< predictions with a lower score are left out
  std::chrono::steady_clock::time_point deadline;

  enum class Outcome {
    kDone,  ///< the result has predictions, or an error of this image or (kModel) of the encoder
    kLate,  ///< nobody began it before its deadline
  };
  /// Called once, on a thread of the batcher, which it must not hold up.
  std::function<void(const ImageResult&, Outcome)> on_result;
  std::optional<int> page{};  ///< of `bytes`, in place of what BatcherOptions say
};

struct BatcherOptions {
  /// batch_size, num_workers, decode, is_draft and on_loss count; that is called on threads of the batcher.
  EncodeOptions encode;
  std::size_t max_waiting = 128;  ///< jobs that are not finished
  /// Whether weights are reordered for speed, which changes features by rounding.
  bool packs_weights = true;
  std::chrono::milliseconds window{5};
  /// The images of a batch that was encoded, on a thread of the batcher.
  std::function<void(std::size_t)> on_batch = [](std::size_t) {};
};

/// Classifies images that come one by one from many places, several at a time, on an EncoderPool: what comes
/// in while a batch is encoded is the next batch. An image that is decoded waits only for others that are
/// there already, and no longer than options.window for those that are being decoded: one that comes alone is
/// encoded at once, by all threads together.
class ImageBatcher final : EncoderQueue {
 public:
  /// Makes `model`, which must outlive it, ready. Throws Error (kModel).
  ImageBatcher(ClipModel& model, BatcherOptions options);
  /// Finishes all jobs.
  ~ImageBatcher() override;
  ImageBatcher(const ImageBatcher&) = delete;
  ImageBatcher& operator=(const ImageBatcher&) = delete;
  ImageBatcher(ImageBatcher&&) = delete;
  ImageBatcher& operator=(ImageBatcher&&) = delete;

  /// False: too many jobs are waiting; nothing becomes of `job`.
  bool submit(ImageJob job);

  bool is_full() const;
  /// Jobs that are not finished.
  std::size_t num_waiting() const;

 private:
  /// A job whose image is being decoded, or is decoded.
  struct LoadedImage {
    ImageJob job;
    ImageResult result;
    std::vector<float> pixel_values;
    Clock::time_point since;  ///< when it was decoded
  };
  using LoadedBatch = std::vector<std::shared_ptr<LoadedImage>>;

  Work take_batch() override;
  Work take_image() override;
  std::optional<Clock::time_point> next_due() const override;

  std::unique_ptr<const ImageEncoder> prepare(std::size_t num_encoders);
  void load(const std::shared_ptr<LoadedImage>& image);
  void encode(const LoadedBatch& batch, const ImageEncoder& encoder);
  void finish(const LoadedImage& image, ImageJob::Outcome outcome);

  ClipModel& model_;
  BatcherOptions options_;
  std::size_t num_threads_;
  std::unique_ptr<const ImageEncoder> encoder_of_one_;   ///< for one call at a time, by all threads
  std::unique_ptr<const ImageEncoder> encoder_of_many_;  ///< for a call of each thread
  // Guarded by the queue's mutex.
  std::deque<ImageJob> waiting_;
  std::deque<std::shared_ptr<LoadedImage>> loaded_;
  std::size_t num_unfinished_ = 0;
  std::size_t num_loading_ = 0;
  std::size_t num_encoding_ = 0;
  std::condition_variable all_finished_;
  std::optional<EncoderPool> pool_;  // the last: its threads use all the others
};

}  // namespace clipcls
