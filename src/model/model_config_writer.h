#pragma once

#include <filesystem>

#include "model/model_config.h"

namespace clipcls {

/// Writes `folder`/config.json, as read_model_config reads it, for encoders that are both built here. Throws
/// Error (kOutput) that names the file.
void write_model_config(const ModelConfig& config, const std::filesystem::path& folder);

}  // namespace clipcls
