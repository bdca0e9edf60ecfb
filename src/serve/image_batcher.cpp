// Which of the images that wait are encoded together, and when. The pool's threads ask with the mutex locked;
// it is released for all work.
#include "serve/image_batcher.h"

#include <algorithm>
#include <exception>
#include <limits>
#include <span>
#include <utility>

#include "base/threads.h"
#include "pipeline/load_and_encode.h"

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
      num_threads_(usable_threads(options_.encode.num_workers, kMaxTeam)),
      encoder_of_one_(prepare(1)),
      encoder_of_many_(prepare(num_threads_)) {
  // The first call of an encoder takes several times as long as the others.
  encoder_of_one_->encode(std::vector<float>(model_.config().image.num_pixel_values()), 1);
  pool_.emplace(static_cast<EncoderQueue&>(*this), num_threads_);
}

ImageBatcher::~ImageBatcher() {
  std::unique_lock lock(mutex_);
  all_finished_.wait(lock, [this] { return num_unfinished_ == 0; });
}

std::unique_ptr<const ImageEncoder> ImageBatcher::prepare(std::size_t num_encoders) {
  EncodingPlan plan;
  // A server has no end of images: the packing of weights pays.
  plan.num_images = options_.packs_weights ? std::numeric_limits<std::size_t>::max() : 1;
  // Batches of any size, none of which is filled up.
  plan.batch_size = 0;
  plan.num_workers = num_encoders == 1 ? std::min(num_threads_, kMaxTeam) : num_threads_;
  plan.num_encoders = num_encoders;
  return model_.prepare_images(plan);
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
  work_changed_.notify_one();
  return true;
}

bool ImageBatcher::is_full() const { return num_waiting() >= options_.max_waiting; }

std::size_t ImageBatcher::num_waiting() const {
  const std::lock_guard lock(mutex_);
  return num_unfinished_;
}

std::optional<EncoderQueue::Clock::time_point> ImageBatcher::next_due() const {
  if (loaded_.empty()) return std::nullopt;
  return loaded_.front()->since + (waiting_.empty() ? 1 : kPatience) * options_.window;
}

EncoderQueue::Work ImageBatcher::take_batch() {
  if (loaded_.empty()) return {};
  // When nothing more can come into this batch soon, waiting would only cost time.
  const bool is_all = waiting_.empty() && num_loading_ == 0;
  if (loaded_.size() < options_.encode.batch_size && !is_all && Clock::now() < *next_due()) return {};
  const auto end =
      loaded_.begin() + static_cast<std::ptrdiff_t>(std::min(loaded_.size(), options_.encode.batch_size));
  LoadedBatch batch(loaded_.begin(), end);
  loaded_.erase(loaded_.begin(), end);
  // A call that is alone gets all threads, several get one each: two encoders with a thread each are faster
  // than one with two, and slower for an image that is alone.
  const bool is_alone = is_all && loaded_.empty() && num_encoding_ == 0;
  ++num_encoding_;
  return [this, batch = std::move(batch), &encoder = is_alone ? *encoder_of_one_ : *encoder_of_many_] {
    encode(batch, encoder);
  };
}

EncoderQueue::Work ImageBatcher::take_image() {
  if (waiting_.empty()) return {};
  const auto image = std::make_shared<LoadedImage>();
  image->job = std::move(waiting_.front());
  waiting_.pop_front();
  ++num_loading_;
  return [this, image] { load(image); };
}

void ImageBatcher::finish(const LoadedImage& image, ImageJob::Outcome outcome) {
  {
    // Before the client has its answer, and looks at how many are waiting.
    const std::lock_guard lock(mutex_);
    if (--num_unfinished_ == 0) all_finished_.notify_all();
  }
  image.job.on_result(image.result, outcome);
}

void ImageBatcher::load(const std::shared_ptr<LoadedImage>& image) {
  ImageJob& job = image->job;
  image->result.path = job.name;
  // Asked before any work is spent on it.
  const bool is_late = Clock::now() > job.deadline;
  if (!is_late) {
    const PreprocessConfig config = preprocess_config(model_, options_.encode);
    const auto read = [&job] {
      return std::span(reinterpret_cast<const std::uint8_t*>(job.bytes.data()), job.bytes.size());
    };
    image->pixel_values.resize(config.num_pixel_values());
    EncodeOptions how = options_.encode;
    how.decode.page = job.page.value_or(how.decode.page);
    load_image(read, how, config, image->pixel_values, image->result);
    if (image->result.notes.has_losses()) options_.encode.on_loss(image->result);
  }
  const bool is_loaded = !is_late && !image->result.error;
  if (is_loaded) {
    job.bytes = {};  // the decoded image may wait
    image->since = Clock::now();
  } else {
    finish(*image, is_late ? ImageJob::Outcome::kLate : ImageJob::Outcome::kDone);
  }
  {
    const std::lock_guard lock(mutex_);
    --num_loading_;
    if (is_loaded) loaded_.push_back(image);
  }
  work_changed_.notify_all();  // a thread that has nothing to do waits until this one is due
}

void ImageBatcher::encode(const LoadedBatch& batch, const ImageEncoder& encoder) {
  try {
    std::vector<std::span<const float>> images;
    for (const auto& image : batch) images.emplace_back(image->pixel_values);
    // One call for images of different requests; each has its own labels afterwards.
    const Matrix image_features = encode_together(encoder, images, options_.encode);
    options_.on_batch(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const ImageJob& job = batch[i]->job;
      std::vector<RankedAnswer>& predictions = batch[i]->result.predictions;
      predictions = job.labels->classifier.classify(image_features.row(i), job.top_k);
      if (job.threshold) {
        std::erase_if(predictions,
                      [&](const RankedAnswer& prediction) { return prediction.score < *job.threshold; });
      }
    }
  } catch (const std::exception& error) {
    for (const auto& image : batch)
      image->result = {image->job.name, {}, Error(ErrorKind::kModel, error.what())};
  }
  for (const auto& image : batch) finish(*image, ImageJob::Outcome::kDone);
  const std::lock_guard lock(mutex_);
  --num_encoding_;
}

}  // namespace clipcls
