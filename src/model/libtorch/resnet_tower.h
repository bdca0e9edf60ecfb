#pragma once

#include "checkpoint/clip_architecture.h"
#include "state_dict.h"

namespace clipcls {

/// The image encoder where the architecture is a ModifiedResNet; see build_image_encoder.
torch::jit::Module build_modified_resnet(const ClipArchitecture& architecture, StateDict& state_dict);

}  // namespace clipcls
