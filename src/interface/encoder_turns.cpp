#include "interface/encoder_turns.h"

namespace clipcls {
namespace {

bool are_equal(const EncodingPlan& a, const EncodingPlan& b) {
  return a.num_images == b.num_images && a.batch_size == b.batch_size && a.num_workers == b.num_workers &&
         a.num_encoders == b.num_encoders;
}

}  // namespace

class EncoderTurns::Turn {
 public:
  Turn(EncoderTurns& turns, const EncodingPlan& plan) : turns_(turns) { turns_.begin(plan); }
  ~Turn() { turns_.end(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Turn(Turn&&) = delete;
  Turn& operator=(Turn&&) = delete;

 private:
  EncoderTurns& turns_;
};

void EncoderTurns::begin(const EncodingPlan& plan) {
  std::unique_lock lock(mutex_);
  // Behind those who wait already: else calls of one plan could go on for ever while another waits.
  const std::uint64_t first_round = num_waiting_ > 0 ? round_ + 1 : round_;
  ++num_waiting_;
  changed_.wait(lock, [&] {
    return num_running_ == 0 || (is_prepared_ && are_equal(plan, plan_) && round_ >= first_round);
  });
  --num_waiting_;
  if (num_running_ == 0) {
    ++round_;
    if (!is_prepared_ || !are_equal(plan, plan_)) {
      is_prepared_ = false;
      model_.prepare_for_images(plan);  // nobody is in the encoder, and the mutex keeps it so
      plan_ = plan;
      is_prepared_ = true;
    }
    // Others of this plan may wait.
    changed_.notify_all();
  }
  ++num_running_;
}

void EncoderTurns::end() {
  {
    const std::lock_guard lock(mutex_);
    --num_running_;
  }
  changed_.notify_all();
}

void EncoderTurns::load() {
  const std::lock_guard lock(mutex_);
  if (num_running_ == 0) model_.load_image_encoder();  // else it has been
}

Matrix EncoderTurns::encode_image(std::span<const float> pixel_values, std::size_t batch,
                                  const EncodingPlan& plan) {
  const Turn turn(*this, plan);
  return model_.encode_image(pixel_values, batch);
}

}  // namespace clipcls
