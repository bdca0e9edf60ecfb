// How images become features: look_ahead() takes the inputs that are at hand, plan_encoding() divides them
// into batches and workers, a BatchQueue hands out the work (load an image, encode a batch), and the
// caller's thread takes finished batches out in input order.
#include "pipeline/encode_images.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "base/threads.h"
#include "batch_queue.h"
#include "image/thumbnail.h"
#include "pipeline/image_source.h"
#include "pipeline/load_pixel_values.h"

namespace clipcls {
namespace {

/// Adds the time of a scope to `total`, if there is one.
class ScopeTimer {
 public:
  explicit ScopeTimer(std::atomic<std::int64_t>* total) : total_(total) {}
  ~ScopeTimer() {
    using std::chrono::nanoseconds;
    if (total_ != nullptr) *total_ += std::chrono::duration_cast<nanoseconds>(Clock::now() - start_).count();
  }
  ScopeTimer(const ScopeTimer&) = delete;
  ScopeTimer& operator=(const ScopeTimer&) = delete;
  ScopeTimer(ScopeTimer&&) = delete;
  ScopeTimer& operator=(ScopeTimer&&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  std::atomic<std::int64_t>* total_;
  Clock::time_point start_ = Clock::now();
};

/// Leaves out what follows the first failure, which may have been loaded out of order.
void cut_behind_first_failure(std::vector<ImageResult>& results) {
  const auto failure =
      std::ranges::find_if(results, [](const ImageResult& result) { return result.error.has_value(); });
  results.erase(failure + 1, results.end());
}

/// Brings the images that could be loaded together at the front and encodes them.
void encode(Batch& batch, ClipModel& model, std::size_t num_pixel_values) {
  std::vector<ImageResult>& results = batch.encoded.results;
  // A run that ends at the first failure hands over nothing behind it, though that may have been loaded.
  if (batch.ends_the_run) cut_behind_first_failure(results);
  std::size_t num_images = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].error) continue;
    const auto image = batch.pixel_values.begin() + static_cast<std::ptrdiff_t>(i * num_pixel_values);
    // The encoder takes rows without gaps. Rows only move to the front, so none is overwritten before it has
    // moved.
    if (i != num_images) {
      std::copy_n(image, num_pixel_values,
                  batch.pixel_values.begin() + static_cast<std::ptrdiff_t>(num_images * num_pixel_values));
    }
    ++num_images;
  }
  if (num_images > 0) {
    batch.encoded.image_features =
        model.encode_image(std::span(batch.pixel_values).first(num_images * num_pixel_values), num_images);
  }
  batch.pixel_values = {};  // the batch may wait for an older one
}

void work_until_done(BatchQueue& queue, ClipModel& model, const EncodeOptions& options) {
  const PreprocessConfig& config = model.config().image;
  const std::size_t num_pixel_values = config.num_pixel_values();
  for (;;) {
    const auto [batch, is_encoding, position] = queue.next();
    if (!batch) return;
    if (is_encoding) {
      const ScopeTimer timer(options.times != nullptr ? &options.times->encoding_nanoseconds : nullptr);
      try {
        encode(*batch, model, num_pixel_values);
      } catch (...) {
        // The encoder's failure belongs to its batch: those before it are handed over first.
        batch->error = std::current_exception();
      }
      queue.encoded(batch);
      continue;
    }
    const ScopeTimer timer(options.times != nullptr ? &options.times->loading_nanoseconds : nullptr);
    ImageResult& result = batch->encoded.results[position];
    result.path = batch->inputs[position].path;
    note_failure(result, [&] {
      const std::span<float> pixel_values =
          std::span(batch->pixel_values).subspan(position * num_pixel_values, num_pixel_values);
      const RgbImage image =
          load_pixel_values(read_image_bytes(batch->inputs[position]), options, config, pixel_values, result);
      if (options.thumbnail_size > 0) result.thumbnail = make_thumbnail(image, options.thumbnail_size);
    });
    queue.loaded(batch, result.error.has_value() && options.is_fail_fast);
  }
}

void work(BatchQueue& queue, ClipModel& model, const EncodeOptions& options) {
  try {
    work_until_done(queue, model, options);
  } catch (...) {
    // Anything else (the source, memory for a batch) ends the run. An exception that leaves a thread would
    // end the process.
    queue.failed(std::current_exception());
  }
}

/// Threads that end with the scope, whatever ends it.
class Workers {
 public:
  Workers(BatchQueue& queue, ClipModel& model, const EncodeOptions& options, std::size_t count)
      : queue_(queue) {
    threads_.start(count, [&queue, &model, &options] { work(queue, model, options); });
  }
  // It runs before threads_ is destroyed, which joins: threads that wait for work would never come back.
  ~Workers() { queue_.stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  Workers(Workers&&) = delete;
  Workers& operator=(Workers&&) = delete;

 private:
  BatchQueue& queue_;
  ThreadGroup threads_;
};

std::size_t round_up_division(std::size_t value, std::size_t divisor) {
  return (value + divisor - 1) / divisor;
}

}  // namespace

EncodingPlan plan_encoding(std::size_t num_images, const EncodeOptions& options) {
  EncodingPlan plan;
  plan.num_images = num_images;
  plan.num_workers = usable_threads(options.num_workers);
  const std::size_t full_batches = round_up_division(num_images, options.batch_size);
  // More encoders than batches would have nothing to do.
  plan.num_encoders = std::clamp<std::size_t>(full_batches, 1, plan.num_workers);
  // Batches of one size, and as many for each worker: 17 images are two batches of 9 and 8, not 16 and 1.
  const std::size_t num_batches = round_up_division(full_batches, plan.num_encoders) * plan.num_encoders;
  plan.batch_size =
      std::max<std::size_t>(1, round_up_division(num_images, std::max<std::size_t>(1, num_batches)));
  return plan;
}

namespace {

/// Inputs that are looked at before their number decides how they are encoded: full batches for every worker,
/// so many that a plan for the exact number would gain nothing.
std::size_t look_ahead_limit(const EncodeOptions& options) {
  // Of 16 rounds the last one, which a plan for the exact number would improve, is a small part.
  constexpr std::size_t kMinRounds = 16;
  constexpr std::size_t kMinImages = 64;
  const std::size_t round = plan_encoding(1, options).num_workers * options.batch_size;
  return round * std::max(kMinRounds, kMinImages / round);
}

/// The inputs that are at hand now, at most `limit`.
std::deque<ImageInput> look_ahead(ImageSource& source, std::size_t limit) {
  std::deque<ImageInput> ahead;
  while (ahead.size() < limit) {
    std::optional<ImageInput> input = source.next();
    if (!input) break;
    ahead.push_back(std::move(*input));
  }
  return ahead;
}

/// Encodes `ahead` and what `source` has at hand behind it. Returns false when the run ends here.
bool encode_what_is_there(const EncodingPlan& plan, std::deque<ImageInput> ahead, ImageSource* source,
                          ClipModel& model, const EncodeOptions& options,
                          const std::function<void(EncodedBatch)>& on_batch) {
  // Weights are packed for the rows that a batch will have; packed for others, each call would reorder them.
  model.prepare_for_images(plan);
  BatchQueue queue(std::move(ahead), source, plan, model.config().image.num_pixel_values());
  // Declared behind the queue, so that the threads end before the queue does.
  const Workers workers(queue, model, options, plan.num_workers);
  while (const std::shared_ptr<Batch> batch = queue.take_oldest(options.keep_running)) {
    // In input order: all batches before the one that failed have been handed over.
    if (batch->error) std::rethrow_exception(batch->error);
    for (const ImageResult& result : batch->encoded.results) {
      if (result.notes.has_losses()) options.on_loss(result);
    }
    on_batch(std::move(batch->encoded));
    if (batch->ends_the_run) return false;
  }
  return true;
}

}  // namespace

void encode_images(ImageSource& source, ClipModel& model, const EncodeOptions& options,
                   const std::function<void(EncodedBatch)>& on_batch) {
  // When a list that is being written has so many at hand, there will be many: full batches from there on,
  // and the weights in the order that suits them. Fewer are encoded on their own, since the next may come
  // late.
  constexpr std::size_t kManyImages = 24;
  const std::size_t limit = look_ahead_limit(options);
  for (bool is_first = true; options.keep_running(); is_first = false) {
    std::deque<ImageInput> ahead = look_ahead(source, limit);
    // Nothing at hand: the run is over, or a list is still being written.
    if (ahead.empty()) {
      if (source.is_at_end()) return;
      source.wait(options.keep_running);
      continue;
    }
    // All inputs are known: a plan for their exact number.
    const bool is_all = is_first && source.is_at_end();
    const bool is_alone = is_all || ahead.size() < kManyImages;
    const EncodingPlan plan = plan_encoding(is_alone ? ahead.size() : limit, options);
    if (!encode_what_is_there(plan, std::move(ahead), is_alone ? nullptr : &source, model, options, on_batch))
      return;
  }
}

}  // namespace clipcls
