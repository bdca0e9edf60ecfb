#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/precision.h"

namespace clipcls {

/// Where the encoders compute, as a name says it.
struct DeviceChoice {
  enum class Kind {
    kCpu,
    kCuda,       ///< one GPU: `index`
    kAllCuda,    ///< every GPU: batches are distributed over them
    kAutomatic,  ///< the first GPU where there is one, else the processor
  };
  Kind kind = Kind::kCpu;
  int index = 0;
};

/// "cpu", "cuda" (the first), "cuda:N", "cuda:all" or "auto". Throws Error (kInvalidArgument).
DeviceChoice parse_device(std::string_view text);

/// `options` as they are loaded on a machine with `num_gpus` GPUs: LoadOptions::gpus is filled in, and
/// Precision::kAutomatic becomes fp16 on a GPU, and on the processor bf16 where it has it in hardware, else
/// fp32. `no_gpu`: why there is none, for the message. Throws Error (kInvalidArgument) where the machine has
/// not got that GPU or the device does not compute in that precision.
LoadOptions choose_device(LoadOptions options, const DeviceChoice& choice, int num_gpus,
                          const std::string& no_gpu);

}  // namespace clipcls
