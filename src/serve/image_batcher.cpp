// Each thread loops over one question: what is most useful now? Encode a batch that is due, else decode the
// next image, else wait. The mutex guards the queues and counts; it is released for all work.
#include "serve/image_batcher.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <span>
#include <utility>

#include "base/threads.h"
#include "image/decode_image.h"
#include "pipeline/load_pixel_values.h"

namespace clipcls {
namespace {

// How many times longer a decoded image waits for those that nobody has begun to decode: they fill the batch.
constexpr int kPatience = 20;
// Threads of one call. OpenMP keeps as many for each thread that has ever made one, and more gain little for
// one image.
constexpr std::size_t kMaxTeam = 32;

}  // namespace

ImageBatcher::ImageBatcher(ClipModel& model, BatcherOptions options)
    : model_(model),
      options_(std::move(options)),
      num_threads_(usable_threads(options_.encode.num_workers, kMaxTeam)) {
  share_threads();
  // The first call of an encoder takes several times as long as the others.
  model_.encode_image(std::vector<float>(model_.config().image.num_pixel_values()), 1);
  // Last: the threads use all members from here on.
  threads_.start(num_threads_, [this] { work(); });
}

ImageBatcher::~ImageBatcher() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  threads_.join();
}

bool ImageBatcher::submit(ImageJob job) {
  {
    const std::lock_guard lock(mutex_);
    // A bound on memory, and on how long a client waits: better refused at once than answered too late.
    if (num_unfinished_ >= options_.max_waiting) return false;
    ++num_unfinished_;
    waiting_.push_back(std::move(job));
  }
  // One image is work for one thread.
  changed_.notify_one();
  return true;
}

bool ImageBatcher::is_full() const { return num_waiting() >= options_.max_waiting; }

std::size_t ImageBatcher::num_waiting() const {
  const std::lock_guard lock(mutex_);
  return num_unfinished_;
}

/// One call at a time gets all threads, several get one each: two encoders with a thread each are faster than
/// one with two, and slower for an image that is alone.
void ImageBatcher::share_threads() {
  // The encoder is not prepared anew while another thread is in it.
  if (num_encoding_ > 0) return;
  const bool is_alone = waiting_.empty() && loaded_.empty() && num_loading_ == 0;
  if (is_alone == has_all_threads_) return;
  EncodingPlan plan;
  // A server has no end of images: the packing of weights always pays.
  plan.num_images = std::numeric_limits<std::size_t>::max();
  // Batches of any size, none of which is filled up.
  plan.batch_size = 0;
  plan.num_workers = is_alone ? std::min(num_threads_, kMaxTeam) : num_threads_;
  plan.num_encoders = is_alone ? 1 : num_threads_;
  model_.prepare_for_images(plan);
  has_all_threads_ = is_alone;
}

bool ImageBatcher::is_batch_due() const {
  if (loaded_.empty()) return false;
  if (loaded_.size() >= options_.encode.batch_size) return true;
  // Nothing more can come into this batch soon, so waiting would only cost time.
  if (waiting_.empty() && num_loading_ == 0) return true;
  return Clock::now() - loaded_.front().since >= (waiting_.empty() ? 1 : kPatience) * options_.window;
}

std::vector<ImageBatcher::LoadedImage> ImageBatcher::take_batch() {
  std::vector<LoadedImage> batch;
  while (!loaded_.empty() && batch.size() < options_.encode.batch_size) {
    batch.push_back(std::move(loaded_.front()));
    loaded_.pop_front();
  }
  return batch;
}

void ImageBatcher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    // Encoding before loading, as it empties the queue.
    if (is_batch_due()) {
      std::vector<LoadedImage> batch = take_batch();
      share_threads();
      ++num_encoding_;
      lock.unlock();
      encode(std::move(batch));
      lock.lock();
      --num_encoding_;
    } else if (!waiting_.empty()) {
      ImageJob job = std::move(waiting_.front());
      waiting_.pop_front();
      ++num_loading_;
      lock.unlock();
      load(std::move(job));
      lock.lock();
      --num_loading_;
      changed_.notify_all();  // what is loaded may be all there is
    } else if (is_ending_ && num_unfinished_ == 0) {
      // Only when all jobs are finished: one that another thread is decoding may still need an encoder.
      return;
    } else if (loaded_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, loaded_.front().since + options_.window);
    }
  }
}

void ImageBatcher::finish(const ImageJob& job, const ImageResult& result, ImageJob::Outcome outcome) {
  {
    // Before the client has its answer, and looks at how many are waiting.
    const std::lock_guard lock(mutex_);
    --num_unfinished_;
  }
  changed_.notify_all();
  job.on_result(result, outcome);
}

void ImageBatcher::load(ImageJob job) {
  ImageResult result{job.name, {}};
  // Asked before any work is spent on it.
  if (Clock::now() > job.deadline) return finish(job, result, ImageJob::Outcome::kLate);
  const PreprocessConfig& config = model_.config().image;
  LoadedImage loaded{{}, std::vector<float>(config.num_pixel_values()), {}};
  note_failure(result, [&] {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(job.bytes.data());
    load_pixel_values({bytes, job.bytes.size()}, options_.encode, config, loaded.pixel_values, result);
    if (result.notes.has_losses()) options_.encode.on_loss(result);
  });
  if (result.error) return finish(job, result, ImageJob::Outcome::kDone);
  // The decoded image may wait, and the file's bytes are no longer needed.
  job.bytes = {};
  loaded.job = std::move(job);
  loaded.since = Clock::now();
  const std::lock_guard lock(mutex_);
  loaded_.push_back(std::move(loaded));
}

void ImageBatcher::encode(std::vector<LoadedImage> batch) {
  std::vector<ImageResult> results;
  results.reserve(batch.size());
  for (const LoadedImage& image : batch) results.push_back({image.job.name, {}});
  try {
    std::vector<float> pixel_values;
    pixel_values.reserve(batch.size() * batch.front().pixel_values.size());
    for (const LoadedImage& image : batch)
      pixel_values.insert(pixel_values.end(), image.pixel_values.begin(), image.pixel_values.end());
    // One call for images of different requests; each has its own labels afterwards.
    const Matrix image_features = model_.encode_image(pixel_values, batch.size());
    options_.on_batch(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const ImageJob& job = batch[i].job;
      results[i].predictions = job.labels->classifier.classify(image_features.row(i), job.top_k);
      if (job.threshold) {
        std::erase_if(results[i].predictions,
                      [&](const RankedAnswer& prediction) { return prediction.score < *job.threshold; });
      }
    }
  } catch (const std::exception& error) {
    for (ImageResult& result : results) result = {result.path, {}, Error(ErrorKind::kModel, error.what())};
  }
  for (std::size_t i = 0; i < batch.size(); ++i) finish(batch[i].job, results[i], ImageJob::Outcome::kDone);
}

}  // namespace clipcls
