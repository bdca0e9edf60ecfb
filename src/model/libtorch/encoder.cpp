#include "encoder.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Device.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

#include "clipcls/error.h"
#include "error_reason.h"
#include "library_arithmetic.h"

namespace clipcls {
namespace {

/// Keeps the memory of one call for the next: left to itself, glibc gives large blocks back to the system,
/// and every call pays for fresh pages, 3 to 5 % of ViT-B/32.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kBytes = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kBytes);
  mallopt(M_TRIM_THRESHOLD, kBytes);
#endif
}

/// Drops what an encoder or libtorch warns of: users cannot act on it, and an archive may put anything into
/// it, commands to the terminal included.
class NoWarnings final : public c10::WarningHandler {
  void process(const c10::Warning& /*warning*/) override {}
};

std::string describe(const NetworkOptimization& optimized) {
  const auto count = [](const ReplacedOperators& operators, const char* name) {
    return std::to_string(operators.num_replaced) + " of " + std::to_string(operators.num_all) + " " + name;
  };
  return count(optimized.linear_layers, "linear layers packed") + ", " +
         count(optimized.attentions, "attentions replaced");
}

// OpenMP counts threads for each calling thread.
void use_threads(int num_threads) {
  if (num_threads > 0 && at::get_num_threads() != num_threads) at::set_num_threads(num_threads);
}

}  // namespace

Encoder::Encoder(std::unique_ptr<EncoderNetwork> network, std::filesystem::path file, std::size_t embed_dim,
                 at::ScalarType type, at::Device device)
    : network_(std::move(network)),
      file_(std::move(file)),
      embed_dim_(embed_dim),
      type_(type),
      device_(device),
      details_(device.is_cpu() ? "so few inputs do not repay it" : "it runs on a GPU") {}

void Encoder::optimize(int weight_bits, bool copies_weights) {
  if (is_optimized_) return;
  keep_freed_memory();
  details_ = why_not_packed(type_);
  if (!details_.empty()) return;
  try {
    details_ = describe(network_->optimize(weight_bits, copies_weights));
    is_optimized_ = true;
  } catch (const std::exception& error) {
    details_ = reason(error);
  }
}

at::Tensor Encoder::to_device(const at::Tensor& input) const {
  const at::ScalarType type = input.is_floating_point() ? type_ : input.scalar_type();
  if (device_.is_cpu()) return input.to(type);
  // From pinned memory the copy runs while the GPU computes; numbers become shorter there.
  return input.pin_memory().to(device_, /*non_blocking=*/true).to(type);
}

at::Tensor Encoder::run(const at::Tensor& input, std::int64_t batch) {
  const c10::InferenceMode inference;
  at::Tensor x = to_device(input);
  const std::int64_t rows = x.size(0);
  if (batch > rows) {
    std::vector<std::int64_t> padding = x.sizes().vec();
    padding[0] = batch - rows;
    x = at::cat({x, at::zeros(padding, x.options())});
  }
  const at::Tensor features = network_->forward(x);
  // Before the padding's rows are cut off: those of an encoder that gives several for each input would look
  // right.
  TORCH_CHECK(features.dim() > 0 && features.size(0) == x.size(0), "it returns features of shape ",
              features.sizes(), " for ", x.size(0), " inputs");
  return features.narrow(0, 0, rows);
}

at::Tensor Encoder::run_shared_prefix(const at::Tensor& token_ids, std::int64_t prefix_length) {
  const c10::InferenceMode inference;
  const at::Tensor ids = to_device(token_ids);
  const at::Tensor prefix = ids.select(0, 0).narrow(0, 0, prefix_length);
  const at::Tensor texts = ids.narrow(1, prefix_length, ids.size(1) - prefix_length);
  return network_->forward_shared_prefix(prefix, texts);
}

Matrix Encoder::checked(const at::Tensor& input, const std::function<at::Tensor()>& run) const {
  at::Tensor features;
  NoWarnings no_warnings;
  const c10::WarningUtils::WarningHandlerGuard guard(&no_warnings);  // of this thread
  try {
    features = run().to(at::kCPU, at::kFloat).contiguous();
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

Matrix Encoder::encode(const at::Tensor& input, const EncoderCall& call) {
  use_threads(call.num_threads);
  return checked(input, [&] { return run(input, call.batch); });
}

Matrix Encoder::encode_texts(const at::Tensor& token_ids, std::int64_t prefix_length,
                             const EncoderCall& call) {
  const bool can_share = token_ids.size(0) > 1 && prefix_length > 0 && network_->can_share_prefix();
  if (!can_share) return encode(token_ids, call);
  use_threads(call.num_threads);
  return checked(token_ids, [&] { return run_shared_prefix(token_ids, prefix_length); });
}

void LazyEncoder::replace(Encoder encoder) {
  load_ = nullptr;
  encoder_ = std::move(encoder);
}

Encoder& LazyEncoder::get() {
  if (!encoder_) {
    encoder_ = load_();
    load_ = nullptr;  // it may hold weights, which the encoder has now
  }
  return *encoder_;
}

}  // namespace clipcls
