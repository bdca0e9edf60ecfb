#pragma once

#include <ATen/core/Tensor.h>
#include <functional>
#include <mutex>

#include "base/on_message.h"
#include "encoder.h"
#include "model/precision.h"
#include "shared_encoder.h"

namespace clipcls {

/// Compares a reduced precision with float32 on one picture of a run, and takes float32 instead where the two
/// differ by more than the precision may: a broken driver or an emulator gives wrong features without an
/// error.
class TrialPicture {
 public:
  /// load_exact: gives the encoder in float32. `on_warning` hears of a difference.
  TrialPicture(std::function<Encoder()> load_exact, Precision precision, OnMessage on_warning);

  /// Of the first call alone, for which the others wait. `encoder` is the one that is compared, and replaced.
  /// pictures: [batch, 3, image_size, image_size], of which the first is taken. Throws what the encoder in
  /// float32 throws.
  void try_once(SharedEncoder& encoder, const at::Tensor& pictures, const EncoderCall& call);

 private:
  std::once_flag is_tried_;
  std::function<Encoder()> load_exact_;
  Precision precision_;
  OnMessage on_warning_;
};

}  // namespace clipcls
