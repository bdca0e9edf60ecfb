#pragma once

#include <filesystem>
#include <string>

#include "pipeline/feature_folder.h"

namespace clipcls {

inline constexpr const char* kImageFeaturesFile = "image_features.npy";
inline constexpr const char* kPathsFile = "paths.nul";
inline constexpr const char* kEmbeddingFile = "embedding.json";

/// The text of embedding.json.
std::string write_embedding_info(const EmbeddingInfo& info);

/// Reads an embedding.json. Throws Error (kFeatures) that names the file and the field.
EmbeddingInfo read_embedding_info(const std::filesystem::path& file);

}  // namespace clipcls
