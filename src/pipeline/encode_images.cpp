// How images become features: look_ahead() takes the inputs that are at hand, plan_encoding() says how they
// are divided, and the caller's thread adds batches of them to a BatchQueue, on which an EncoderPool works,
// and takes them out in input order.
#include "pipeline/encode_images.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/round_up.h"
#include "base/threads.h"
#include "batch_queue.h"
#include "model/long_run.h"
#include "pipeline/encoder_pool.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

bool has_failed(const ImageResult& result) { return result.error.has_value(); }

/// Leaves out what follows the first failure, which was loaded and encoded at the same time.
void cut_behind_first_failure(EncodedBatch& batch) {
  const auto failure = std::ranges::find_if(batch.results, has_failed);
  const auto num_images = static_cast<std::size_t>(failure - batch.results.begin());
  batch.results.erase(failure + 1, batch.results.end());
  Matrix& features = batch.image_features;
  features.rows = num_images;
  features.values.resize(num_images * features.cols);
}

}  // namespace

PreprocessConfig preprocess_config(const ClipModel& model, const EncodeOptions& options) {
  PreprocessConfig config = model.config().image;
  config.resize_mode = options.resize_mode.value_or(config.resize_mode);
  return config;
}

EncodingPlan plan_encoding(std::size_t num_images, const EncodeOptions& options) {
  EncodingPlan plan;
  plan.num_images = num_images;
  plan.num_workers = usable_threads(options.num_workers);
  const std::size_t full_batches = divide_up(num_images, options.batch_size);
  // More encoders than batches would have nothing to do.
  plan.num_encoders = std::clamp<std::size_t>(full_batches, 1, plan.num_workers);
  // Batches of one size, and as many for each worker: 17 images are two batches of 9 and 8, not 16 and 1.
  const std::size_t num_batches = divide_up(full_batches, plan.num_encoders) * plan.num_encoders;
  plan.batch_size = std::max<std::size_t>(1, divide_up(num_images, std::max<std::size_t>(1, num_batches)));
  return plan;
}

namespace {

/// Inputs that are looked at before their number decides how they are encoded: full batches for every worker,
/// so many that a plan for the exact number would gain nothing.
std::size_t look_ahead_limit(const EncodeOptions& options) {
  // Of 16 rounds the last one, which a plan for the exact number would improve, is a small part.
  constexpr std::size_t kMinRounds = 16;
  const std::size_t round = plan_encoding(1, options).num_workers * options.batch_size;
  // The plan of a long run must say that it is long, also where its end is not known.
  return round * std::max(kMinRounds, divide_up(kImagesOfLongRun, round));
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

/// Divides the images of a run into batches. They have the size of the plan; the last ones, less than one for
/// each encoder, are smaller and divided evenly, so that no encoder waits for another one at the end.
class InputBatches {
 public:
  /// The inputs `ahead`, then those that `source` has at hand. No source: no more inputs.
  InputBatches(std::deque<ImageInput> ahead, ImageSource* source, const EncodingPlan& plan)
      : ahead_(std::move(ahead)), source_(source), plan_(plan) {}

  /// Empty: there is no other. Throws what the source throws.
  std::vector<ImageInput> next() {
    if (is_over_) return {};
    look_ahead_one_round();
    const auto end = ahead_.begin() + static_cast<std::ptrdiff_t>(next_size());
    std::vector<ImageInput> batch(std::make_move_iterator(ahead_.begin()), std::make_move_iterator(end));
    ahead_.erase(ahead_.begin(), end);
    ++num_batches_;
    // What a list names from here on is encoded on its own: its number decides how.
    is_over_ = ahead_.empty();
    return batch;
  }

 private:
  /// One batch for each encoder, since next_size() must know whether this is the last round.
  void look_ahead_one_round() {
    while (source_ != nullptr && ahead_.size() < plan_.batch_size * plan_.num_encoders) {
      std::optional<ImageInput> input = source_->next();
      if (!input) return;
      ahead_.push_back(std::move(*input));
    }
  }

  std::size_t next_size() const {
    if (source_ != nullptr && !source_->is_at_end()) return std::min(ahead_.size(), plan_.batch_size);
    // The last round: what is left is shared by the encoders that have no batch of this round yet.
    const std::size_t encoders_left = plan_.num_encoders - num_batches_ % plan_.num_encoders;
    return std::min(divide_up(ahead_.size(), encoders_left), plan_.batch_size);
  }

  std::deque<ImageInput> ahead_;
  ImageSource* source_;
  EncodingPlan plan_;
  std::size_t num_batches_ = 0;  ///< that next() gave
  bool is_over_ = false;
};

/// Encodes `ahead` and what `source` has at hand behind it. Returns false when the run ends here.
bool encode_what_is_there(const EncodingPlan& plan, std::deque<ImageInput> ahead, ImageSource* source,
                          ClipModel& model, const EncodeOptions& options,
                          const std::function<void(EncodedBatch)>& on_batch) {
  // Weights are packed for the rows that a batch will have; packed for others, each call would reorder them.
  const std::unique_ptr<const ImageEncoder> encoder = model.prepare_images(plan);
  InputBatches inputs(std::move(ahead), source, plan);
  const PreprocessConfig config = preprocess_config(model, options);
  BatchQueue queue(*encoder, options, config);
  // Declared behind the queue, so that the threads end before the queue does.
  const EncoderPool pool(queue, plan.num_workers);
  const auto fill_queue = [&] {
    // One batch a worker and one that is loaded meanwhile: more would only take memory.
    while (queue.num_batches() <= plan.num_workers) {
      std::vector<ImageInput> batch = inputs.next();
      if (batch.empty()) return;
      queue.add(std::move(batch));
    }
  };
  fill_queue();
  while (const std::shared_ptr<Batch> batch = queue.take_oldest(options.stop)) {
    // In input order: all batches before the one that failed have been handed over.
    if (batch->error) std::rethrow_exception(batch->error);
    EncodedBatch& encoded = batch->encoded;
    const bool ends_the_run = options.is_fail_fast && std::ranges::any_of(encoded.results, has_failed);
    if (ends_the_run) cut_behind_first_failure(encoded);
    // First, as the workers need not wait while the results are written.
    if (!ends_the_run && !options.stop.stop_requested()) fill_queue();
    for (const ImageResult& result : encoded.results) {
      if (result.notes.has_losses()) options.on_loss(result);
    }
    on_batch(std::move(encoded));
    if (ends_the_run) return false;
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
  for (bool is_first = true; !options.stop.stop_requested(); is_first = false) {
    std::deque<ImageInput> ahead = look_ahead(source, limit);
    // Nothing at hand: the run is over, or a list is still being written.
    if (ahead.empty()) {
      if (source.is_at_end()) return;
      source.wait(options.stop);
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
