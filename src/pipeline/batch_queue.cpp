#include "batch_queue.h"

#include <utility>

#include "pipeline/load_and_encode.h"

namespace clipcls {

std::size_t BatchQueue::num_batches() const {
  const std::lock_guard lock(mutex_);
  return batches_.size();
}

void BatchQueue::add(std::vector<ImageInput> inputs) {
  auto batch = std::make_shared<Batch>();
  batch->pixel_values.resize(inputs.size() * config_.num_pixel_values());
  batch->encoded.results.resize(inputs.size());
  batch->inputs = std::move(inputs);
  {
    const std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
  }
  work_changed_.notify_all();
}

EncoderQueue::Work BatchQueue::take_batch() {
  for (const auto& batch : batches_) {
    if (batch->num_loaded < batch->inputs.size() || batch->is_taken_for_encoding) continue;
    batch->is_taken_for_encoding = true;
    return [this, batch] { encode(*batch); };
  }
  return {};
}

EncoderQueue::Work BatchQueue::take_image() {
  // The oldest batch first, as results leave in order.
  for (const auto& batch : batches_) {
    if (batch->num_taken == batch->inputs.size()) continue;
    return [this, batch, position = batch->num_taken++] { load(*batch, position); };
  }
  return {};
}

std::span<float> BatchQueue::pixel_values(Batch& batch, std::size_t position) const {
  return std::span(batch.pixel_values)
      .subspan(position * config_.num_pixel_values(), config_.num_pixel_values());
}

void BatchQueue::load(Batch& batch, std::size_t position) {
  ImageResult& result = batch.encoded.results[position];
  result.path = batch.inputs[position].path;
  std::vector<std::uint8_t> bytes;
  const auto read = [&] {
    return std::span<const std::uint8_t>(bytes = read_image_bytes(batch.inputs[position]));
  };
  load_image(read, options_, config_, pixel_values(batch, position), result);
  const std::lock_guard lock(mutex_);
  ++batch.num_loaded;
}

void BatchQueue::encode(Batch& batch) {
  try {
    std::vector<std::span<const float>> images;
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      if (!batch.encoded.results[i].error) images.emplace_back(pixel_values(batch, i));
    }
    if (!images.empty()) batch.encoded.image_features = encode_together(encoder_, images, options_);
  } catch (...) {
    // The encoder's failure belongs to its batch: those before it are handed over first.
    batch.error = std::current_exception();
  }
  batch.pixel_values = {};  // the batch may wait for an older one
  {
    const std::lock_guard lock(mutex_);
    batch.is_done = true;
  }
  oldest_changed_.notify_all();
}

std::shared_ptr<Batch> BatchQueue::take_oldest(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto is_there = [this] { return batches_.empty() || batches_.front()->is_done; };
  oldest_changed_.wait(lock, stop, is_there);
  if (stop.stop_requested()) {
    while (!batches_.empty() && !batches_.back()->is_taken_for_encoding) batches_.pop_back();
    oldest_changed_.wait(lock, is_there);
  }
  if (batches_.empty()) return nullptr;
  std::shared_ptr<Batch> oldest = std::move(batches_.front());
  batches_.pop_front();
  return oldest;
}

}  // namespace clipcls
