#pragma once

#include <string>
#include <vector>

#include "checkpoint_config.h"

namespace clipcls {

/// What one of our tensors is made of: several are joined along their first axis, then transposed.
struct TensorOrigin {
  std::vector<std::string> names;
  bool is_transposed = false;
};

/// Where a checkpoint keeps the tensor `name` (of expected_shapes).
/// kOpenClip: under the same name, or with "text." before those of the text tower (CustomTextCLIP).
/// kTransformers: under CLIPModel's names; queries, keys and values apart, projections as linear layers.
TensorOrigin tensor_origin(const std::string& name, CheckpointFormat format, bool has_text_prefix);

/// The shapes of what `expected` is made of, by the checkpoint's own names.
TensorShapes origin_shapes(const TensorShapes& expected, CheckpointFormat format, bool has_text_prefix);

}  // namespace clipcls
