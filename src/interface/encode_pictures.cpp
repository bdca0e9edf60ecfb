// Pictures in memory to features: one on the caller's thread, several in batches on threads of their own.
#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>

#include "base/threads.h"
#include "image/preprocess.h"
#include "interface/image_impl.h"
#include "interface/model_impl.h"
#include "pipeline/encode_images.h"

namespace clipcls {
namespace {

// Threads of one call. OpenMP keeps as many for each thread that has ever made one.
constexpr std::size_t kMaxThreadsOfOneCall = 32;
// From so many pictures on more are likely to come, and an encoder is made ready for any number.
constexpr std::size_t kMany = 24;

/// Counts a caller while it lives.
class Caller {
 public:
  explicit Caller(std::atomic<std::size_t>& count) : count_(count), others_(count++) {}
  ~Caller() { --count_; }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  Caller(Caller&&) = delete;
  Caller& operator=(Caller&&) = delete;

  bool is_alone() const { return others_ == 0; }

 private:
  std::atomic<std::size_t>& count_;
  std::size_t others_;
};

/// What a plan is told of how many pictures there are: pictures that came before count, too.
std::size_t num_expected(Model::Impl& model, std::size_t num_images) {
  const std::size_t num_so_far = model.num_encoded += num_images;
  return num_so_far < kMany ? num_images : std::numeric_limits<std::size_t>::max();
}

/// A picture that comes alone has all threads; of those that come from several threads each has one.
Matrix encode_one(Model::Impl& model, const RgbImage& image) {
  const PreprocessConfig& config = model.clip->config().image;
  std::vector<float> pixel_values(config.num_pixel_values());
  preprocess(image, config, pixel_values);
  const Caller caller(model.num_callers);
  const std::size_t num_threads = usable_threads(model.num_threads);
  EncodingPlan plan;
  plan.num_images = num_expected(model, 1);
  plan.num_workers = caller.is_alone() ? std::min(num_threads, kMaxThreadsOfOneCall) : num_threads;
  plan.num_encoders = caller.is_alone() ? 1 : num_threads;
  return model.clip->prepare_images(plan)->encode(pixel_values, 1);
}

/// Batches of pictures, each encoded by whichever thread is free.
class PictureBatches {
 public:
  PictureBatches(Model::Impl& model, std::span<const Image> images, const EncodingPlan& plan)
      : model_(model),
        images_(images),
        plan_(plan),
        encoder_(model.clip->prepare_images(plan)),
        features_(images.size(), model.clip->config().embed_dim) {}

  Matrix encode_all() {
    {
      // This thread works, too. Where the system gives no others (min_count 0), it does everything.
      ThreadGroup others;
      others.start(
          plan_.num_encoders - 1, [this] { run(); }, /*min_count=*/0);
      run();
    }
    if (error_) std::rethrow_exception(error_);
    return std::move(features_);
  }

 private:
  void run() noexcept {
    try {
      for (std::size_t begin = next(); begin < images_.size(); begin = next()) encode(begin);
    } catch (...) {
      next_ = images_.size();  // the other threads stop after the batch that they are at
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }

  std::size_t next() { return next_.fetch_add(plan_.batch_size); }

  void encode(std::size_t begin) {
    const PreprocessConfig& config = model_.clip->config().image;
    const auto batch = images_.subspan(begin, std::min(plan_.batch_size, images_.size() - begin));
    std::vector<float> pixel_values(batch.size() * config.num_pixel_values());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      preprocess(pixels_of(batch[i]), config,
                 std::span(pixel_values).subspan(i * config.num_pixel_values(), config.num_pixel_values()));
    }
    const Matrix features = encoder_->encode(pixel_values, batch.size());
    std::ranges::copy(features.values, features_.row(begin).begin());
  }

  Model::Impl& model_;
  std::span<const Image> images_;
  EncodingPlan plan_;
  std::unique_ptr<const ImageEncoder> encoder_;
  Matrix features_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

Matrix encode_pictures(Model::Impl& model, std::span<const Image> images) {
  // Before any work is done.
  for (const Image& image : images) pixels_of(image);
  if (images.empty()) return {0, model.clip->config().embed_dim};
  if (images.size() == 1) return encode_one(model, pixels_of(images.front()));
  EncodeOptions options;
  options.num_workers = model.num_threads;
  EncodingPlan plan = plan_encoding(images.size(), options);
  plan.num_images = num_expected(model, images.size());
  return PictureBatches(model, images, plan).encode_all();
}

}  // namespace clipcls
