#include "batch_queue.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace clipcls {
namespace {

// How often goes_on() is asked: a stop is felt at once, and ten calls a second cost nothing.
constexpr std::chrono::milliseconds kTick(100);

}  // namespace

BatchQueue::BatchQueue(std::deque<ImageInput> ahead, ImageSource* source, const EncodingPlan& plan,
                       std::size_t num_pixel_values)
    : ahead_(std::move(ahead)), source_(source), plan_(plan), num_pixel_values_(num_pixel_values) {}

void BatchQueue::look_ahead() {
  // One batch for each encoder is held ahead, since next_batch_size() must know whether this is the last
  // round.
  const std::size_t round = plan_.batch_size * plan_.num_encoders;
  while (source_ != nullptr && has_inputs_ && ahead_.size() < round) {
    std::optional<ImageInput> input = source_->next();
    if (!input) break;
    ahead_.push_back(std::move(*input));
  }
}

std::size_t BatchQueue::next_batch_size() const {
  const std::size_t num_left = ahead_.size();
  if (source_ != nullptr && !source_->is_at_end()) return std::min(num_left, plan_.batch_size);
  // The last round: what is left is shared by the encoders that have no batch of this round yet.
  const std::size_t encoders_left = plan_.num_encoders - num_opened_ % plan_.num_encoders;
  return std::min((num_left + encoders_left - 1) / encoders_left, plan_.batch_size);
}

void BatchQueue::end_inputs() {
  has_inputs_ = false;
  ahead_.clear();
}

void BatchQueue::drop_what_is_not_begun() {
  end_inputs();
  // From the back, up to a batch that is being encoded. Those in front of it are finished too: results come
  // in input order and without gaps, so that a later run can resume there.
  while (!batches_.empty() && !batches_.back()->is_taken_for_encoding) batches_.pop_back();
  work_changed_.notify_all();
}

bool BatchQueue::open_batch() {
  // One batch a worker and one that is loaded meanwhile: more would only take memory.
  if (!has_inputs_ || batches_.size() == plan_.num_workers + 1) return false;
  look_ahead();
  auto batch = std::make_shared<Batch>();
  const auto end = ahead_.begin() + static_cast<std::ptrdiff_t>(next_batch_size());
  std::move(ahead_.begin(), end, std::back_inserter(batch->inputs));
  ahead_.erase(ahead_.begin(), end);
  if (ahead_.empty()) end_inputs();
  oldest_changed_.notify_all();  // there may be no batch to wait for
  if (batch->inputs.empty()) return false;
  batch->index = num_opened_++;
  batch->pixel_values.resize(batch->inputs.size() * num_pixel_values_);
  batch->encoded.results.resize(batch->inputs.size());
  batches_.push_back(std::move(batch));
  return true;
}

BatchQueue::Work BatchQueue::next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (is_stopped_) return {};
    // A whole batch is encoded before anything else is loaded: encoding is what the run waits for, and it
    // frees the batch's memory.
    for (const auto& batch : batches_) {
      if (batch->num_loaded < batch->inputs.size() || batch->is_taken_for_encoding) continue;
      batch->is_taken_for_encoding = true;
      return {batch, true, 0};
    }
    for (const auto& batch : batches_) {
      // The oldest batch first, as results leave in order.
      if (batch->num_taken < batch->inputs.size()) return {batch, false, batch->num_taken++};
    }
    if (open_batch()) continue;
    // A worker may go only when no batch can come to need one: one that is still being loaded will.
    const bool is_all_taken = !has_inputs_ && std::ranges::all_of(batches_, [](const auto& batch) {
      return batch->is_taken_for_encoding;
    });
    if (is_all_taken) return {};
    work_changed_.wait(lock);
  }
}

void BatchQueue::loaded(const std::shared_ptr<Batch>& batch, bool ends_the_run) {
  const std::lock_guard lock(mutex_);
  ++batch->num_loaded;
  if (ends_the_run) {
    batch->ends_the_run = true;
    end_inputs();
  }
  if (batch->num_loaded == batch->inputs.size()) work_changed_.notify_all();
}

void BatchQueue::encoded(const std::shared_ptr<Batch>& batch) {
  const std::lock_guard lock(mutex_);
  batch->is_done = true;
  work_changed_.notify_all();
  oldest_changed_.notify_all();
}

void BatchQueue::failed(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
  oldest_changed_.notify_all();
}

std::shared_ptr<Batch> BatchQueue::take_oldest(const std::function<bool()>& goes_on) {
  std::unique_lock lock(mutex_);
  const auto has_news = [&] {
    return failure_ || (batches_.empty() ? !has_inputs_ : batches_.front()->is_done);
  };
  do {
    // goes_on() is the caller's code: it runs without our lock, so that no worker waits for it.
    lock.unlock();
    const bool is_to_end = !goes_on();
    lock.lock();
    if (is_to_end) drop_what_is_not_begun();
  } while (!oldest_changed_.wait_for(lock, kTick, has_news));
  // A failure counts before batches that are done: the run is over, and the caller learns why.
  if (failure_) std::rethrow_exception(failure_);
  if (batches_.empty()) return nullptr;
  std::shared_ptr<Batch> oldest = std::move(batches_.front());
  batches_.pop_front();
  work_changed_.notify_all();
  return oldest;
}

void BatchQueue::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  work_changed_.notify_all();
}

}  // namespace clipcls
