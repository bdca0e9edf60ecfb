#include "torch_clip_model.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/Device.h>
#include <algorithm>
#include <atomic>
#include <utility>

#include "base/threads.h"
#include "bfloat16_check.h"
#include "library_arithmetic.h"
#include "model/long_run.h"

namespace clipcls {
namespace {

// Packing the weights of ViT-B/32 costs as much as it saves on about 20 images.
constexpr std::size_t kMinImagesToPack = 24;
// Likewise those of its text encoder: about 300 prompts of one template.
constexpr std::size_t kMinTokensToPack = 2048;

/// A tensor over the caller's memory, without a copy. from_blob wants a mutable pointer; encoders only
/// read.
template <typename Value>
at::Tensor wrap(const Value* values, at::IntArrayRef shape, at::ScalarType type) {
  return at::from_blob(const_cast<Value*>(values), shape, type);
}

std::vector<at::Device> devices(const LoadOptions& options) {
  if (options.gpus.empty()) return {at::kCPU};
  std::vector<at::Device> gpus;
  for (const int gpu : options.gpus) gpus.emplace_back(at::kCUDA, static_cast<at::DeviceIndex>(gpu));
  return gpus;
}

/// The image encoders of all devices, by turns.
class TorchImageEncoder final : public ImageEncoder {
 public:
  TorchImageEncoder(std::vector<std::shared_ptr<SharedEncoder>> encoders, std::int64_t image_size,
                    EncoderCall call, std::shared_ptr<TrialPicture> trial)
      : encoders_(std::move(encoders)), image_size_(image_size), call_(call), trial_(std::move(trial)) {}

  Matrix encode(std::span<const float> pixel_values, std::size_t batch) const override {
    const at::Tensor input = wrap(
        pixel_values.data(), {static_cast<std::int64_t>(batch), 3, image_size_, image_size_}, at::kFloat);
    if (trial_ && batch > 0) trial_->try_once(*encoders_.front(), input, call_);
    return encoders_[next_++ % encoders_.size()]->use(
        [&](Encoder& encoder) { return encoder.encode(input, call_); });
  }

 private:
  std::vector<std::shared_ptr<SharedEncoder>> encoders_;
  std::int64_t image_size_;
  EncoderCall call_;
  std::shared_ptr<TrialPicture> trial_;  ///< or none
  mutable std::atomic<std::size_t> next_ = 0;
};

class TorchTextEncoder final : public TextEncoder {
 public:
  TorchTextEncoder(std::shared_ptr<SharedEncoder> encoder, EncoderCall call)
      : encoder_(std::move(encoder)), call_(call) {}

  Matrix encode(const TokenIdBatch& prompts) const override {
    const at::Tensor token_ids =
        wrap(prompts.token_ids.data(),
             {static_cast<std::int64_t>(prompts.rows), static_cast<std::int64_t>(prompts.length)}, at::kLong);
    return encoder_->use([&](Encoder& encoder) {
      return encoder.encode_texts(token_ids, static_cast<std::int64_t>(prompts.prefix_length), call_);
    });
  }

 private:
  std::shared_ptr<SharedEncoder> encoder_;
  EncoderCall call_;
};

}  // namespace

TorchClipModel::TorchClipModel(ModelConfig config, const LoadEncoder& image_encoder,
                               const LoadEncoder& text_encoder, ModelFingerprints fingerprints,
                               const LoadOptions& options)
    : config_(std::move(config)),
      text_encoder_(std::make_shared<SharedEncoder>([text_encoder, options, text = config_.text] {
        return load_exact_text_encoder(text_encoder, devices(options).front(), options.precision,
                                       plan_on_this_machine(options), text);
      })),
      fingerprints_(std::move(fingerprints)),
      options_(options),
      computation_(plan_on_this_machine(options)) {
  for (const at::Device device : devices(options)) {
    const auto load = [image_encoder, device, precision = options.precision, computation = computation_,
                       image = config_.image] {
      return load_exact_image_encoder(image_encoder, device, precision, computation, image);
    };
    image_encoders_.push_back(std::make_shared<SharedEncoder>(load));
  }
  const bool is_reduced = computation_.activations != Precision::kFloat32 || computation_.weight_bits > 0;
  if (is_reduced && !is_on_gpu()) {
    const auto load_exact = [image_encoder] { return image_encoder(at::kCPU, at::kFloat); };
    trial_picture_ = std::make_shared<TrialPicture>(load_exact, options.precision, options.on_warning);
  }
}

int TorchClipModel::threads_of_one_call(std::size_t num_workers, std::size_t num_encoders) const {
  std::size_t num_threads =
      options_.num_threads > 0 ? static_cast<std::size_t>(options_.num_threads) : num_workers;
  if (is_short_of_threads() && num_workers > 0) num_threads = std::min(num_threads, num_workers);
  if (num_threads == 0) return 0;
  return static_cast<int>(std::max<std::size_t>(1, num_threads / num_encoders));
}

std::unique_ptr<const ImageEncoder> TorchClipModel::prepare_images(const EncodingPlan& plan) {
  load_image_encoder();
  EncoderCall call;
  if (!is_on_gpu()) {
    call.num_threads = threads_of_one_call(plan.num_workers, plan.num_encoders);
    SharedEncoder& encoder = *image_encoders_.front();
    const bool is_plain_fp32 = encoder.load() == at::kFloat && computation_.weight_bits == 0;
    const bool is_packed = (!is_plain_fp32 || plan.num_images >= kMinImagesToPack) &&
                           encoder.optimize(computation_.weight_bits, /*copies_weights=*/true);
    // Every call gets a full batch, so that an image has the same features in whichever batch it comes:
    // convolutions add up in an order that depends on its size.
    if (is_plain_fp32 && is_packed) call.batch = static_cast<std::int64_t>(plan.batch_size);
  }
  // A picture in float32 takes as long as four in 8 bits, and its weights are read once more: less than 1 %
  // of such a run.
  const bool is_tried = plan.num_images >= kImagesOfLongRun;
  return std::make_unique<TorchImageEncoder>(image_encoders_, config_.image.image_size, call,
                                             is_tried ? trial_picture_ : nullptr);
}

std::unique_ptr<const TextEncoder> TorchClipModel::prepare_texts(const TextEncodingPlan& plan) {
  text_encoder_->load();
  if (plan.num_tokens >= kMinTokensToPack && !is_on_gpu())
    text_encoder_->optimize(/*weight_bits=*/0, /*copies_weights=*/false);
  const EncoderCall call = {threads_of_one_call(plan.num_workers, plan.num_encoders)};
  return std::make_unique<TorchTextEncoder>(text_encoder_, call);
}

std::vector<EncoderState> TorchClipModel::encoder_states() const {
  std::vector<EncoderState> states;
  if (auto state = image_encoders_.front()->state("image encoder")) states.push_back(std::move(*state));
  if (auto state = text_encoder_->state("text encoder")) states.push_back(std::move(*state));
  return states;
}

}  // namespace clipcls
