#include "encode_prompts.h"

#include <algorithm>
#include <atomic>
#include <exception>
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

/// One thread's share: whatever batch is next, until there is none.
class PromptEncoder {
 public:
  PromptEncoder(const TextEncoder& encoder, std::int64_t pad_token_id, Prompts prompts,
                std::span<const PromptBatch> batches, Matrix& features)
      : encoder_(encoder),
        pad_token_id_(pad_token_id),
        prompts_(prompts),
        batches_(batches),
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
    const Matrix text_features = encoder_.encode(make_token_ids(prompts_, batch, pad_token_id_));
    for (std::size_t row = 0; row < batch.prompts.size(); ++row)
      std::ranges::copy(text_features.row(row), features_.row(batch.prompts[row]).begin());
  }

  const TextEncoder& encoder_;
  std::int64_t pad_token_id_;
  Prompts prompts_;
  std::span<const PromptBatch> batches_;
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
  plan.num_encoders = std::min(plan.num_workers, batches.size());

  const auto text_encoder = model.prepare_texts(plan);
  PromptEncoder encoder(*text_encoder, model.config().text.pad_token_id, prompts, batches, features);
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
