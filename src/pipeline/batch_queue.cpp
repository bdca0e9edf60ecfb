#include "batch_queue.h"

#include <algorithm>

namespace clipcls {

BatchQueue::BatchQueue(std::span<const std::string> paths, std::size_t batch_size, std::size_t max_batches,
                       std::size_t num_pixel_values)
    : paths_(paths),
      batch_size_(batch_size),
      max_batches_(max_batches),
      num_pixel_values_(num_pixel_values) {}

bool BatchQueue::open_batch() {
  if (paths_.empty() || batches_.size() == max_batches_) return false;
  auto batch = std::make_shared<Batch>();
  batch->index = num_opened_++;
  batch->paths = paths_.first(std::min(batch_size_, paths_.size()));
  paths_ = paths_.subspan(batch->paths.size());
  batch->pixel_values.resize(batch->paths.size() * num_pixel_values_);
  batch->encoded.results.resize(batch->paths.size());
  batches_.push_back(std::move(batch));
  return true;
}

BatchQueue::Work BatchQueue::next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (is_stopped_) return {};
    for (const auto& batch : batches_) {
      if (batch->num_loaded < batch->paths.size() || batch->is_taken_for_encoding) continue;
      batch->is_taken_for_encoding = true;
      return {batch, true, 0};
    }
    for (const auto& batch : batches_) {
      if (batch->num_taken < batch->paths.size()) return {batch, false, batch->num_taken++};
    }
    if (open_batch()) continue;
    const bool is_all_taken = paths_.empty() && std::ranges::all_of(batches_, [](const auto& batch) {
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
    paths_ = {};
  }
  if (batch->num_loaded == batch->paths.size()) work_changed_.notify_all();
}

void BatchQueue::encoded(const std::shared_ptr<Batch>& batch) {
  const std::lock_guard lock(mutex_);
  batch->is_done = true;
  work_changed_.notify_all();
  oldest_changed_.notify_all();
}

std::shared_ptr<Batch> BatchQueue::take_oldest() {
  std::unique_lock lock(mutex_);
  oldest_changed_.wait(lock, [&] { return batches_.empty() ? paths_.empty() : batches_.front()->is_done; });
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
