#pragma once

#include <c10/core/Device.h>

#include "encoder.h"
#include "model/computation.h"
#include "model/model_config.h"
#include "model/precision.h"

namespace clipcls {

/// An encoder for `device` as `precision` is computed (`computation`), with bfloat16 left out where it costs
/// too much. What it costs depends on the weights, so it is measured when the encoder is loaded: the features
/// of a few inputs in bfloat16 and in float32. Where their cosine leaves too little of what `precision`
/// allows, the encoder is the one in float32, and its state says so. Both throw what `load` throws.
///
/// Our own vision transformers are not measured, for one picture in float32 takes longer
/// than many in bfloat16, and theirs are exact enough: they have no convolution. Convolutions have few
/// weights that all places of a picture share, so that on flat areas the errors of their rounding add up.
Encoder load_exact_image_encoder(const LoadEncoder& load, at::Device device, Precision precision,
                                 const Computation& computation, const PreprocessConfig& image);
Encoder load_exact_text_encoder(const LoadEncoder& load, at::Device device, Precision precision,
                                const Computation& computation, const TextConfig& text);

}  // namespace clipcls
