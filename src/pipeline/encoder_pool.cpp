#include "pipeline/encoder_pool.h"

namespace clipcls {

EncoderPool::EncoderPool(EncoderQueue& queue, std::size_t num_threads) : queue_(queue) {
  threads_.start(num_threads, [this] { work(); });
}

EncoderPool::~EncoderPool() {
  {
    const std::lock_guard lock(queue_.mutex_);
    is_ending_ = true;
  }
  queue_.work_changed_.notify_all();
  threads_.join();
}

void EncoderPool::work() {
  std::unique_lock lock(queue_.mutex_);
  while (!is_ending_) {
    EncoderQueue::Work work = queue_.take_batch();
    if (!work) work = queue_.take_image();
    if (work) {
      lock.unlock();
      work();
      work = nullptr;  // what it holds is freed without the lock
      lock.lock();
    } else if (const auto due = queue_.next_due()) {
      queue_.work_changed_.wait_until(lock, *due);
    } else {
      queue_.work_changed_.wait(lock);
    }
  }
}

}  // namespace clipcls
