#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>

#include "base/matrix.h"
#include "model/clip_model.h"

namespace clipcls {

/// Takes turns at an image encoder, which is prepared for one plan at a time and not while it is in use:
/// calls of one plan run side by side, and those of another wait until they are over. A call that comes while
/// others wait is behind them. All functions may be called from several threads at once.
class EncoderTurns {
 public:
  /// `model` must outlive it.
  explicit EncoderTurns(ClipModel& model) : model_(model) {}

  /// Reads the weights, unless that was done. Throws Error (kModel).
  void load();

  /// image_features [batch, embed_dim] of `pixel_values`, [batch, 3, image_size, image_size], encoded as
  /// `plan` says. Throws Error (kModel).
  Matrix encode_image(std::span<const float> pixel_values, std::size_t batch, const EncodingPlan& plan);

 private:
  /// A call of the encoder.
  class Turn;

  void begin(const EncodingPlan& plan);
  void end();

  ClipModel& model_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  EncodingPlan plan_;
  bool is_prepared_ = false;  ///< for plan_
  std::size_t num_running_ = 0;
  std::size_t num_waiting_ = 0;
  std::uint64_t round_ = 0;  ///< goes up each time that the encoder is free and taken again
};

}  // namespace clipcls
