#include "torch_clip_model.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <malloc.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include "bfloat16_check.h"
#include "clipcls/error.h"
#include "clipcls/threads.h"
#include "library_arithmetic.h"
#include "openmp_waiting.h"
#include "optimize_encoder.h"

namespace clipcls {
namespace {

/// libtorch's messages run over thousands of characters with a stack trace. What a user can act on is the
/// first line that says something; where the interpreter failed that is a headline only, and the cause is the
/// last line.
std::string essence(const std::string& message) {
  std::istringstream lines(message);
  std::vector<std::string> spoken;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start != std::string::npos) spoken.push_back(line.substr(start));
  }
  if (spoken.empty()) return "unknown reason";
  std::string line =
      spoken.front().starts_with("The following operation failed") ? spoken.back() : spoken.front();
  // "[enforce fail at FILE:LINE] . What happened. What to do in Python.": the middle is of use here.
  constexpr const char* kEndOfPlace = "] . ";
  const std::size_t end_of_place = line.find(kEndOfPlace);
  if (!line.starts_with("[enforce fail") || end_of_place == std::string::npos) return line;
  const std::string rest = line.substr(end_of_place + std::string_view(kEndOfPlace).size());
  return rest.substr(0, rest.find(". "));
}

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

/// Keeps the memory of one call for the next: left to itself, glibc gives large blocks back to the system,
/// and every call pays for fresh pages, 3 to 5 % of ViT-B/32.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kBytes = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kBytes);
  mallopt(M_TRIM_THRESHOLD, kBytes);
#endif
}

std::string describe(const OptimizedEncoder& optimized) {
  const auto count = [](const ReplacedOperators& operators, const char* name) {
    return std::to_string(operators.num_replaced) + " of " + std::to_string(operators.num_all) + " " + name;
  };
  return count(optimized.linear_layers, "linear layers packed") + ", " +
         count(optimized.attentions, "attentions replaced");
}

}  // namespace

std::string reason(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string message = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  // The interpreter of TorchScript hands on the words of an exception alone.
  for (const char* words : {"std::bad_alloc", "can't allocate memory", "not enough memory"}) {
    if (message.find(words) != std::string::npos) return kNotEnoughMemory;
  }
  return essence(message);
}

void configure_torch(int num_threads) {
  const int usable = static_cast<int>(usable_threads(static_cast<std::size_t>(num_threads)));
  if (!is_short_of_threads()) let_openmp_threads_sleep();
  const int chosen = num_threads > 0 ? usable : std::min(usable, at::get_num_threads());
  if (chosen != at::get_num_threads()) at::set_num_threads(chosen);
  // It wants AVX2, and says so on standard error at each convolution where there is none.
  if (!this_processor().avx2) at::globalContext().setUserEnabledNNPACK(false);
  // The profiling executor spends the first runs on specialising graphs: one picture would pay for it
  // and never see the gain.
  torch::jit::getExecutorMode() = false;
  torch::jit::getProfilingMode() = false;
}

Encoder::Encoder(torch::jit::Module module, std::filesystem::path file, std::size_t embed_dim,
                 torch::ScalarType type, torch::Device device)
    : module_(std::move(module)),
      file_(std::move(file)),
      embed_dim_(embed_dim),
      type_(type),
      device_(device),
      details_(device.is_cpu() ? "so few inputs do not repay it" : "it runs on a GPU") {
  module_.eval();
  try {
    module_.to(device, type);
  } catch (const c10::Error& error) {
    throw Error(ErrorKind::kModel,
                file_.string() + ": cannot be moved to " + device.str() + ": " + reason(error));
  }
  const auto forward = module_.find_method("forward");
  // The schema counts the module itself as the first argument.
  if (!forward || forward->function().getSchema().arguments().size() != 2) {
    throw Error(ErrorKind::kModel, file_.string() +
                                       ": has no method forward with one argument; export it with "
                                       "scripts/export_torchscript.py");
  }
}

void Encoder::optimize(int weight_bits, std::int64_t batch, bool copies_weights) {
  if (!is_optimized_) {
    keep_freed_memory();
    details_ = why_not_packed(type_);
    if (!details_.empty()) return;
    try {
      OptimizedEncoder optimized = optimize_encoder(module_, weight_bits, copies_weights);
      module_ = std::move(optimized.module);
      details_ = describe(optimized);
    } catch (const std::exception& error) {
      details_ = reason(error);
      return;
    }
    is_optimized_ = true;
  }
  batch_ = batch;
}

// OpenMP counts threads for each calling thread.
void Encoder::use_own_threads() const {
  if (num_threads_ > 0 && at::get_num_threads() != num_threads_) at::set_num_threads(num_threads_);
}

torch::Tensor Encoder::to_device(const torch::Tensor& input) const {
  const torch::ScalarType type = input.is_floating_point() ? type_ : input.scalar_type();
  if (device_.is_cpu()) return input.to(type);
  // From pinned memory the copy runs while the GPU computes; numbers become shorter there.
  return input.pin_memory().to(device_, /*non_blocking=*/true).to(type);
}

torch::Tensor Encoder::run(const torch::Tensor& input) {
  const torch::InferenceMode inference;
  use_own_threads();
  torch::Tensor x = to_device(input);
  const std::int64_t rows = x.size(0);
  if (batch_ > rows) {
    std::vector<std::int64_t> padding = x.sizes().vec();
    padding[0] = batch_ - rows;
    x = torch::cat({x, torch::zeros(padding, x.options())});
  }
  return module_.forward({x}).toTensor().narrow(0, 0, rows);
}

torch::Tensor Encoder::run_shared_prefix(const torch::Tensor& token_ids, std::int64_t prefix_length) {
  const torch::InferenceMode inference;
  use_own_threads();
  const torch::Tensor ids = to_device(token_ids);
  const torch::Tensor prefix = ids.select(0, 0).narrow(0, 0, prefix_length);
  const torch::Tensor texts = ids.narrow(1, prefix_length, ids.size(1) - prefix_length);
  return module_.get_method(kSharedPrefixMethod)({prefix, texts}).toTensor();
}

Matrix Encoder::checked(const torch::Tensor& input, const std::function<torch::Tensor()>& run) const {
  torch::Tensor features;
  try {
    features = run().to(torch::kCPU, torch::kFloat).contiguous();
  } catch (const std::exception& error) {
    std::ostringstream shape;
    shape << input.sizes();
    throw Error(ErrorKind::kModel,
                file_.string() + ": fails on an input of shape " + shape.str() + ": " + reason(error));
  }
  const auto rows = input.size(0);
  if (features.dim() != 2 || features.size(0) != rows ||
      features.size(1) != static_cast<std::int64_t>(embed_dim_)) {
    std::ostringstream shapes;
    shapes << features.sizes() << ", and config.json says [" << rows << ", " << embed_dim_ << "] (embed_dim)";
    throw Error(ErrorKind::kModel, file_.string() + ": returns features of shape " + shapes.str());
  }
  Matrix matrix(static_cast<std::size_t>(rows), embed_dim_);
  std::copy_n(features.const_data_ptr<float>(), matrix.values.size(), matrix.values.begin());
  for (const float value : matrix.values) {
    if (!std::isfinite(value)) {
      throw Error(
          ErrorKind::kModel,
          file_.string() + ": returns a feature that is not a finite number; the weights are damaged");
    }
  }
  return matrix;
}

Matrix Encoder::encode(const torch::Tensor& input) {
  return checked(input, [&] { return run(input); });
}

Matrix Encoder::encode_texts(const torch::Tensor& token_ids, std::int64_t prefix_length) {
  const bool can_share =
      token_ids.size(0) > 1 && prefix_length > 0 && module_.find_method(kSharedPrefixMethod).has_value();
  if (!can_share) return encode(token_ids);
  return checked(token_ids, [&] { return run_shared_prefix(token_ids, prefix_length); });
}

Encoder& LazyEncoder::get() {
  if (!encoder_) encoder_ = load_();
  return *encoder_;
}

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
  encoder.set_num_threads(threads_of_one_call(plan.num_workers, plan.num_encoders));
  if (encoder.type() == torch::kFloat && computation_.weight_bits == 0) {
    // Every call gets a full batch, so that an image has the same features in whichever batch it comes:
    // convolutions add up in an order that depends on its size.
    if (plan.num_images >= kMinImagesToPack)
      encoder.optimize(0, static_cast<std::int64_t>(plan.batch_size), /*copies_weights=*/true);
    else
      encoder.set_batch(0);
  } else {
    encoder.optimize(computation_.weight_bits, 0, /*copies_weights=*/true);
  }
}

void TorchClipModel::prepare_for_texts(const TextEncodingPlan& plan) {
  Encoder& encoder = text_encoder_.get();
  encoder.set_num_threads(threads_of_one_call(plan.num_workers, plan.num_encoders));
  if (plan.num_tokens >= kMinTokensToPack && !is_on_gpu())
    encoder.optimize(/*weight_bits=*/0, 0, /*copies_weights=*/false);
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
      wrap(pixel_values.data(), {static_cast<std::int64_t>(batch), 3, side, side}, torch::kFloat));
}

Matrix TorchClipModel::encode_text(const TokenIdBatch& prompts) {
  return text_encoder_.get().encode_texts(
      wrap(prompts.token_ids.data(),
           {static_cast<std::int64_t>(prompts.rows), static_cast<std::int64_t>(prompts.length)},
           torch::kLong),
      static_cast<std::int64_t>(prompts.prefix_length));
}

}  // namespace clipcls
