#pragma once

#include <filesystem>

#include "checkpoint/clip_architecture.h"
#include "json/json_fields.h"
#include "model/model_config.h"

namespace clipcls {

/// The encoders of a model folder that are built here from weights, as the field `architecture` of
/// config.json describes them. What it does not describe is a TorchScript archive.
struct FolderArchitecture {
  ClipArchitecture
      clip;  ///< of those two that are built; with the sizes that other fields of config.json say
  bool builds_image_encoder = false;
  bool builds_text_encoder = false;
};

/// Of config.json: in version 1, an older one, both encoders are TorchScript.
inline constexpr int kNewestFormatVersion = 2;

/// Reads it from `root`, a config.json of a known version, whose other fields `config` has. Throws Error
/// (kModel) that names the field, its value and what would be right. Sizes are bounded, as shapes are
/// computed from them.
FolderArchitecture read_folder_architecture(const JsonFields& root, const ModelConfig& config);

/// Reads `folder`/config.json once more, which read_model_config() made `config` of.
FolderArchitecture read_folder_architecture(const std::filesystem::path& folder, const ModelConfig& config);

/// What `architecture.image` and `architecture.text` of config.json say of such encoders.
nlohmann::ordered_json image_encoder_fields(const ClipArchitecture& architecture);
nlohmann::ordered_json text_encoder_fields(const ClipArchitecture& architecture);

/// Where the encoders of a model folder lie.
struct EncoderFiles {
  std::filesystem::path image;
  std::filesystem::path text;
};
EncoderFiles encoder_files(const std::filesystem::path& folder, const FolderArchitecture& architecture);

/// Throws Error (kModel) unless there is a file of that name.
void require_encoder_file(const std::filesystem::path& file);

}  // namespace clipcls
