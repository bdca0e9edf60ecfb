#pragma once

#include <filesystem>

#include "clip_architecture.h"
#include "image/preprocess.h"

namespace clipcls {

/// Whose names the tensors of a checkpoint have.
enum class CheckpointFormat { kOpenClip, kTransformers };

/// What the configuration beside a checkpoint says.
struct CheckpointConfig {
  CheckpointFormat format = CheckpointFormat::kOpenClip;
  ClipArchitecture architecture;
  PreprocessConfig image;
  bool has_logit_bias = false;  ///< trained with a sigmoid; open_clip only
};

/// Reads `path`: open_clip's open_clip_config.json, one of its bare model configs (ViT-B-32-quickgelu.json),
/// or transformers' config.json, beside which its preprocessor_config.json is looked for. Throws Error
/// (kModel) that names the file, the field and its value where the model has a part that is not built here.
CheckpointConfig read_checkpoint_config(const std::filesystem::path& path);

}  // namespace clipcls
