#include "encode_prompts.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>

#include "base/threads.h"

namespace clipcls {
namespace {

using Prompts = std::span<const GroupedPrompt>;

TokenIdBatch make_token_ids(Prompts prompts, const PromptBatch& batch, std::int64_t pad_token_id) {
  TokenIdBatch token_ids;
  token_ids.rows = batch.prompts.size();
  // The last prompt of a batch is its longest. A causal encoder needs no positions behind the longest one.
  token_ids.length = prompts[batch.prompts.back()].token_ids.size();
  token_ids.prefix_length = batch.prefix_length;
  token_ids.token_ids.assign(token_ids.rows * token_ids.length, pad_token_id);
  for (std::size_t row = 0; row < token_ids.rows; ++row) {
    std::ranges::copy(prompts[batch.prompts[row]].token_ids,
                      token_ids.token_ids.begin() + static_cast<std::ptrdiff_t>(row * token_ids.length));
  }
  return token_ids;
}

/// Estimates how long all batches take, from the faster of the first two: the very first reads weights from
/// the disk besides.
class FirstBatches {
 public:
  FirstBatches(std::size_t num_tokens, std::size_t num_encoders, const TextEncodeOptions& options)
      : tokens_per_encoder_(static_cast<double>(num_tokens) / static_cast<double>(num_encoders)),
        options_(options),
        num_wanted_(options.on_estimate ? 2 : 0) {}

  double now() const { return num_wanted_ > 0 ? options_.clock() : 0; }

  /// A batch of so many tokens is done that began at `start`.
  void note(std::size_t num_tokens, double start) {
    if (num_wanted_ == 0) return;
    const std::lock_guard lock(mutex_);
    if (num_wanted_ == 0) return;  // another thread's batch was the last
    seconds_per_token_ =
        std::min(seconds_per_token_, (options_.clock() - start) / static_cast<double>(num_tokens));
    if (--num_wanted_ == 0) options_.on_estimate(seconds_per_token_ * tokens_per_encoder_);
  }

 private:
  double tokens_per_encoder_;
  const TextEncodeOptions& options_;
  std::atomic<int> num_wanted_;
  double seconds_per_token_ = std::numeric_limits<double>::infinity();
  std::mutex mutex_;
};

/// One thread's share: whatever batch is next, until there is none.
class PromptEncoder {
 public:
  PromptEncoder(const TextEncoder& encoder, std::int64_t pad_token_id, Prompts prompts,
                std::span<const PromptBatch> batches, FirstBatches& first_batches, Matrix& features)
      : encoder_(encoder),
        pad_token_id_(pad_token_id),
        prompts_(prompts),
        batches_(batches),
        first_batches_(first_batches),
        features_(features) {}

  void run() noexcept {
    try {
      for (std::size_t i = next_++; i < batches_.size(); i = next_++) encode(batches_[i]);
    } catch (...) {
      // The other threads stop after the batch that they are at.
      next_ = batches_.size();
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void encode(const PromptBatch& batch) {
    const TokenIdBatch token_ids = make_token_ids(prompts_, batch, pad_token_id_);
    const double start = first_batches_.now();
    const Matrix text_features = encoder_.encode(token_ids);
    first_batches_.note(token_ids.num_tokens(), start);
    for (std::size_t row = 0; row < batch.prompts.size(); ++row)
      std::ranges::copy(text_features.row(row), features_.row(batch.prompts[row]).begin());
  }

  const TextEncoder& encoder_;
  std::int64_t pad_token_id_;
  Prompts prompts_;
  std::span<const PromptBatch> batches_;
  FirstBatches& first_batches_;
  Matrix& features_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace

Matrix encode_prompts(ClipModel& model, Prompts prompts, const TextEncodeOptions& options) {
  Matrix features(prompts.size(), model.config().embed_dim);
  const std::vector<PromptBatch> batches =
      make_prompt_batches(prompts, options.batch_tokens, model.config().text.eot_token_id);

  TextEncodingPlan plan;
  // How much there is to do decides whether packing the weights pays.
  for (const PromptBatch& batch : batches) plan.num_tokens += make_token_ids(prompts, batch, 0).num_tokens();
  plan.num_workers = usable_threads(options.num_workers);
  // Two batches each, so that they even out; a few batches are encoded one after the other by all threads.
  plan.num_encoders = std::clamp<std::size_t>(batches.size() / 2, 1, plan.num_workers);

  const auto text_encoder = model.prepare_texts(plan);
  FirstBatches first_batches(plan.num_tokens, plan.num_encoders, options);
  PromptEncoder encoder(*text_encoder, model.config().text.pad_token_id, prompts, batches, first_batches,
                        features);
  {
    // This thread works, too. Where the system gives no others (min_count 0), it does everything.
    ThreadGroup others;
    others.start(
        plan.num_encoders - 1, [&encoder] { encoder.run(); }, /*min_count=*/0);
    encoder.run();
  }
  encoder.rethrow();
  return features;
}

}  // namespace clipcls
