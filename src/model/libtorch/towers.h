#pragma once

#include "checkpoint/clip_architecture.h"
#include "state_dict.h"

namespace clipcls {

/// The encoders of a CLIP, built without Python: modules with registered parameters in float32, whose forward
/// is compiled from tower_sources.h. `state_dict` has the tensors of expected_shapes(architecture); those
/// that a tower needs are taken out of it.

/// pixel_values [batch, 3, image_size, image_size] -> image_features [batch, embed_dim], not normalised.
torch::jit::Module build_image_encoder(const ClipArchitecture& architecture, StateDict& state_dict);

/// token_ids [n, length], int64, length <= context_length -> text_features [n, embed_dim], not normalised.
torch::jit::Module build_text_encoder(const ClipArchitecture& architecture, StateDict& state_dict);

}  // namespace clipcls
