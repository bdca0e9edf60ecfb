#pragma once

#include <string>

#include "model/precision.h"
#include "processor/processor.h"

namespace clipcls {

/// What the precision "auto" stands for on such a processor: bf16 where it multiplies bfloat16, else fp32.
Precision automatic_precision(const ProcessorFeatures& processor);

/// How the encoders are computed on a processor.
struct Computation {
  Precision activations = Precision::kFloat32;  ///< kFloat32, kBfloat16, or kFloat16 on a GPU
  int weight_bits = 0;    ///< of the image encoder's linear layers: 8, 7, or 0 where they are not quantised
  std::string note = {};  ///< where that is not what the precision's name says: what is done, and why

  bool operator==(const Computation&) const = default;
};

/// How `precision` (not kAutomatic) is computed right and fastest. `has_bfloat16`: bfloat16 is multiplied in
/// hardware; else fp32 is faster, and at least as exact. `has_vnni`: sums of products of 8 bits do not
/// saturate; else weights have 7 bits, so that two products fit into 16 bits.
Computation plan_computation(Precision precision, bool has_bfloat16, bool has_vnni);

}  // namespace clipcls
