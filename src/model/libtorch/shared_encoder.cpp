#include "shared_encoder.h"

#include <utility>

namespace clipcls {

at::ScalarType SharedEncoder::load() {
  const std::lock_guard door(door_);
  return encoder_.get().type();
}

bool SharedEncoder::optimize(int weight_bits, bool copies_weights) {
  const std::lock_guard door(door_);
  Encoder& encoder = encoder_.get();
  if (!encoder.is_optimized()) {
    const std::lock_guard alone(in_use_);
    encoder.optimize(weight_bits, copies_weights);
  }
  return encoder.is_optimized();
}

void SharedEncoder::replace(Encoder encoder) {
  const std::lock_guard door(door_);
  const std::lock_guard alone(in_use_);
  encoder_.replace(std::move(encoder));
}

std::optional<EncoderState> SharedEncoder::state(const char* name) const {
  const std::lock_guard door(door_);
  const Encoder* encoder = encoder_.if_loaded();
  return encoder != nullptr ? std::optional(encoder->state(name)) : std::nullopt;
}

}  // namespace clipcls
