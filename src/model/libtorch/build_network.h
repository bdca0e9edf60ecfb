#pragma once

#include <memory>

#include "encoder_network.h"
#include "tower_layers.h"

namespace clipcls {

// The encoders that are built here from the weights of a checkpoint. `weights` has the tensors of
// expected_image_shapes() or expected_text_shapes() for `architecture`; they are used where they lie. Both
// throw what libtorch throws.

/// pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim], not normalised.
std::unique_ptr<EncoderNetwork> build_image_network(const ClipArchitecture& architecture, StateDict weights,
                                                    const Placement& placement);

/// token_ids [n, length], int64, length <= context_length -> text_features [n, embed_dim], not normalised.
std::unique_ptr<EncoderNetwork> build_text_network(const ClipArchitecture& architecture, StateDict weights,
                                                   const Placement& placement);

}  // namespace clipcls
