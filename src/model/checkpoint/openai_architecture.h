#pragma once

#include "clip_architecture.h"

namespace clipcls {

/// What OpenAI's build_model reads from the shapes of a state dict: heads are 64 wide, MLPs four times as
/// wide as their transformer, and the activation is QuickGELU. Every tensor is checked, as
/// load_state_dict(strict) would: throws Error (kModel) that names a tensor which is missing, is of another
/// shape than the others ask for, or belongs to no CLIP of OpenAI's.
ClipArchitecture infer_openai_architecture(const TensorShapes& shapes);

}  // namespace clipcls
