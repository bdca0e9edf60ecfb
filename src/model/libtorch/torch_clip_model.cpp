#include "torch_clip_model.h"

#include <algorithm>
#include <utility>

#include "bfloat16_check.h"
#include "clipcls/threads.h"
#include "library_arithmetic.h"

namespace clipcls {
namespace {

// Packing the weights of ViT-B/32 costs as much as it saves on about 20 images.
constexpr std::size_t kMinImagesToPack = 24;
// Likewise those of its text encoder: about 300 prompts of one template.
constexpr std::size_t kMinTokensToPack = 2048;

/// A tensor over the caller's memory, without a copy. from_blob wants a mutable pointer; encoders only
/// read.
template <typename Value>
torch::Tensor wrap(const Value* values, torch::IntArrayRef shape, torch::ScalarType type) {
  return torch::from_blob(const_cast<Value*>(values), shape, type);
}

std::vector<torch::Device> devices(const LoadOptions& options) {
  if (options.gpus.empty()) return {torch::kCPU};
  std::vector<torch::Device> gpus;
  for (const int gpu : options.gpus) gpus.emplace_back(torch::kCUDA, static_cast<torch::DeviceIndex>(gpu));
  return gpus;
}

}  // namespace

TorchClipModel::TorchClipModel(ModelConfig config, const LoadEncoder& image_encoder,
                               const LoadEncoder& text_encoder, ModelFingerprints fingerprints,
                               const LoadOptions& options)
    : config_(std::move(config)),
      text_encoder_([text_encoder, options, text = config_.text] {
        return load_exact_text_encoder(text_encoder, devices(options).front(), options.precision,
                                       plan_on_this_machine(options), text);
      }),
      fingerprints_(std::move(fingerprints)),
      options_(options),
      computation_(plan_on_this_machine(options)) {
  for (const torch::Device device : devices(options)) {
    image_encoders_.emplace_back([image_encoder, device, precision = options.precision,
                                  computation = computation_, image = config_.image] {
      return load_exact_image_encoder(image_encoder, device, precision, computation, image);
    });
  }
}

int TorchClipModel::threads_of_one_call(std::size_t num_workers, std::size_t num_encoders) const {
  std::size_t num_threads =
      options_.num_threads > 0 ? static_cast<std::size_t>(options_.num_threads) : num_workers;
  if (is_short_of_threads()) num_threads = std::min(num_threads, num_workers);
  return static_cast<int>(std::max<std::size_t>(1, num_threads / num_encoders));
}

void TorchClipModel::prepare_for_images(const EncodingPlan& plan) {
  if (is_on_gpu()) return load_image_encoder();
  Encoder& encoder = image_encoders_.front().get();
  image_call_ = {threads_of_one_call(plan.num_workers, plan.num_encoders), 0};
  const bool is_plain_fp32 = encoder.type() == torch::kFloat && computation_.weight_bits == 0;
  if (is_plain_fp32 && plan.num_images < kMinImagesToPack) return;
  encoder.optimize(computation_.weight_bits, /*copies_weights=*/true);
  // Every call gets a full batch, so that an image has the same features in whichever batch it comes:
  // convolutions add up in an order that depends on its size.
  if (is_plain_fp32 && encoder.is_optimized()) image_call_.batch = static_cast<std::int64_t>(plan.batch_size);
}

void TorchClipModel::prepare_for_texts(const TextEncodingPlan& plan) {
  Encoder& encoder = text_encoder_.get();
  text_call_.num_threads = threads_of_one_call(plan.num_workers, plan.num_encoders);
  if (plan.num_tokens >= kMinTokensToPack && !is_on_gpu())
    encoder.optimize(/*weight_bits=*/0, /*copies_weights=*/false);
}

std::vector<EncoderState> TorchClipModel::encoder_states() const {
  std::vector<EncoderState> states;
  if (const Encoder* image_encoder = image_encoders_.front().if_loaded())
    states.push_back(image_encoder->state("image encoder"));
  if (const Encoder* text_encoder = text_encoder_.if_loaded())
    states.push_back(text_encoder->state("text encoder"));
  return states;
}

Matrix TorchClipModel::encode_image(std::span<const float> pixel_values, std::size_t batch) {
  const std::int64_t side = config_.image.image_size;
  LazyEncoder& encoder = image_encoders_[next_image_encoder_++ % image_encoders_.size()];
  return encoder.get().encode(
      wrap(pixel_values.data(), {static_cast<std::int64_t>(batch), 3, side, side}, torch::kFloat),
      image_call_);
}

Matrix TorchClipModel::encode_text(const TokenIdBatch& prompts) {
  return text_encoder_.get().encode_texts(
      wrap(prompts.token_ids.data(),
           {static_cast<std::int64_t>(prompts.rows), static_cast<std::int64_t>(prompts.length)},
           torch::kLong),
      static_cast<std::int64_t>(prompts.prefix_length), text_call_);
}

}  // namespace clipcls
