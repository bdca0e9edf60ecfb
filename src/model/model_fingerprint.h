#pragma once

#include <filesystem>
#include <string>

#include "model/model_config.h"

namespace clipcls {

/// Checksums of what decides a model's features, 32 hexadecimal digits each. Models with equal fingerprints
/// give equal features; where their files lie and how they are called plays no part. Empty: it could not be
/// told, and nothing that was computed with the model may be kept for later.
struct ModelFingerprints {
  std::string image;  ///< the image encoder and how pictures are prepared
  std::string text;   ///< the text encoder, the vocabulary and what config.json says of prompts

  bool operator==(const ModelFingerprints&) const = default;
};

/// The fingerprints of a model folder. Reads merges.txt and the archives' directories, not their weights.
ModelFingerprints folder_fingerprints(const std::filesystem::path& folder, const ModelConfig& config);

/// The same, but throws Error (kModel) that says why where a file cannot be read.
ModelFingerprints read_folder_fingerprints(const std::filesystem::path& folder, const ModelConfig& config);

/// The fingerprints of an archive that OpenAI published, which holds both encoders and their config.
ModelFingerprints openai_fingerprints(const std::filesystem::path& file);

}  // namespace clipcls
