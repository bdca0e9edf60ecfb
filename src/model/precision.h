#pragma once

#include <string_view>
#include <vector>

#include "base/on_message.h"

namespace clipcls {

/// What the encoders compute in.
enum class Precision {
  kFloat32,   ///< as the weights are; what the parity with Python is promised for
  kBfloat16,  ///< weights and activations in 16 bits, sums in 32
  kFloat16,   ///< the same in IEEE's half precision, on a GPU alone
  kInt8,      ///< linear layers of the image encoder in 8-bit integers, the rest in bfloat16 or float32
  kAutomatic  ///< not chosen yet: see choose_device()
};

/// "fp32", "bf16", "fp16", "int8" or "auto".
std::string_view precision_name(Precision precision);

/// Whether this machine's processor multiplies bfloat16 in hardware (AVX512-BF16).
bool has_bfloat16_hardware();

/// What the precision "auto" stands for on the processor: bf16 where the hardware has it, else fp32.
Precision automatic_precision();

/// The cosine that features in `precision` (not kAutomatic) have at least with those of the reference, or in
/// float32: what is less is wrong, and not rounded.
double least_cosine(Precision precision);

struct LoadOptions {
  int num_threads = 0;  ///< of one call of an encoder; 0 leaves the choice to the runtime
  Precision precision = Precision::kFloat32;  ///< not kAutomatic
  std::vector<int> gpus;                  ///< CUDA's numbers of those that compute; none: the processor does
  OnMessage on_warning = ignore_message;  ///< hears that a precision is computed wrongly here
};

}  // namespace clipcls
