#pragma once

#include <mutex>
#include <optional>
#include <shared_mutex>

#include "encoder.h"

namespace clipcls {

/// An encoder that is loaded when it is first needed, for any number of threads. They compute at once; the
/// one that packs the weights waits for the others, and they for it.
class SharedEncoder {
 public:
  /// `load` is called once; what it throws, load() and optimize() throw.
  explicit SharedEncoder(std::function<Encoder()> load) : encoder_(std::move(load)) {}

  /// Loads it, if that has not happened, and returns the type of its weights.
  at::ScalarType load();

  /// Encoder::optimize(), of the loaded encoder. Returns whether it is optimised now.
  bool optimize(int weight_bits, bool copies_weights);

  /// Takes this one instead, when nobody uses the other any more.
  void replace(Encoder encoder);

  /// None: it has not been loaded.
  std::optional<EncoderState> state(const char* name) const;

  /// Calls `compute` with the encoder, which must have been loaded.
  template <typename Compute>
  Matrix use(const Compute& compute) {
    // Through the door one by one: nobody slips past a thread that waits there to be alone.
    std::unique_lock door(door_);
    const std::shared_lock in_use(in_use_);
    Encoder& encoder = encoder_.get();
    door.unlock();
    return compute(encoder);
  }

 private:
  mutable std::mutex door_;  ///< guards the encoder's state; in_use_ is locked behind it
  std::shared_mutex in_use_;
  LazyEncoder encoder_;
};

}  // namespace clipcls
