#pragma once

#include <string>
#include <vector>

#include "checkpoint_config.h"

namespace clipcls {

/// What one of our tensors is made of: several are joined along their first axis, then transposed.
struct TensorOrigin {
  std::vector<std::string> names;
  bool is_transposed = false;
  std::vector<std::int64_t> shares = {};  ///< of the first axis that each has; empty: equal ones
  std::size_t leading_ones = 0;           ///< axes of length 1 that are stored before ours
};

/// How a checkpoint names its tensors.
struct TensorNaming {
  CheckpointFormat format = CheckpointFormat::kOpenClip;
  bool has_text_prefix = false;       ///< open_clip's CustomTextCLIP: "text." before those of the text tower
  bool has_timm_image_tower = false;  ///< timm's names behind "visual.trunk."
};

/// Where a checkpoint keeps the tensor `name` (of expected_shapes).
/// kOpenClip: under the same name, but for what `naming` says.
/// kTransformers: under CLIPModel's and SiglipModel's names; queries, keys and values apart, projections as
/// linear layers.
TensorOrigin tensor_origin(const std::string& name, const TensorNaming& naming);

/// The shapes of what `expected` is made of, by the checkpoint's own names.
TensorShapes origin_shapes(const TensorShapes& expected, const TensorNaming& naming);

}  // namespace clipcls
