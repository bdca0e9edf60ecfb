#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// How fast and how exact the image encoder is in one precision, on this machine.
struct PrecisionTrial {
  Precision precision = Precision::kFloat32;
  double images_per_second = 0;
  double smallest_cosine = 0;  ///< of its features and those in fp32, of a few test patterns
  std::string note;            ///< what the processor lacks for it, and what that costs
  std::string problem;         ///< why there are no figures, or why they are wrong; empty: all is well
};

/// Tries fp32, bf16 and int8, each for about `seconds`, on batches of test patterns. `load` loads the model.
std::vector<PrecisionTrial> try_precisions(const std::function<std::unique_ptr<ClipModel>(Precision)>& load,
                                           double seconds);

}  // namespace clipcls
