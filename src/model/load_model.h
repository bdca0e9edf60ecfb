#pragma once

#include <filesystem>
#include <memory>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// Loads `model`: a folder, or a TorchScript archive that OpenAI published. Throws Error (kModel).
std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options = {});

}  // namespace clipcls
