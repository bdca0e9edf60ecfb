#pragma once

#include <filesystem>
#include <vector>

namespace clipcls {

/// The files of a checkpoint.
struct CheckpointFiles {
  std::vector<std::filesystem::path> weights;  ///< one, or the shards of an index, sorted
  std::filesystem::path named;                 ///< what errors about the weights as a whole name
  /// What it would be beside the weights; empty where none was found and none was given.
  std::filesystem::path open_clip_config;
  std::filesystem::path transformers_config;
};

/// `source` is a weight file or a folder: open_clip's (open_clip_config.json with open_clip_model.safetensors
/// or open_clip_pytorch_model.bin) or transformers' (config.json with model.safetensors, its shards or
/// pytorch_model.bin). Throws Error (kModel) that names what is missing.
CheckpointFiles find_checkpoint_files(const std::filesystem::path& source);

}  // namespace clipcls
