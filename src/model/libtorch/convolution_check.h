#pragma once

#include "clipcls/image/preprocess.h"
#include "torch_clip_model.h"

namespace clipcls {

/// The image encoder for `device` as `precision` is computed (`computation`), with bfloat16 left out where it
/// costs too much. Convolutions have few weights that all places of a picture share, so that the errors of
/// their rounding do not average out as those of a transformer do: on flat areas they add up. What comes of
/// it depends on the weights, so it is measured, for encoders with convolutions beyond a patch embedding: the
/// features of a few pictures in bfloat16 and in float32. Where their cosine leaves too little of what
/// `precision` allows, the encoder is the one in float32, and its state says so. Throws what `load` throws.
Encoder load_exact_enough(const LoadEncoder& load, torch::Device device, Precision precision,
                          const Computation& computation, const PreprocessConfig& image);

}  // namespace clipcls
