#pragma once

#include <filesystem>
#include <memory>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// Loads a model folder: config.json and the two encoders, weights or TorchScript, see models/README.md.
/// Whatever the weights are stored in, they are computed in options.precision. Config and the presence of the
/// files are checked here; each encoder is loaded at its first use, or by load_image_encoder() and
/// load_text_encoder(). Throws Error (kModel) that names the file and what is wrong with it.
std::unique_ptr<ClipModel> load_model_folder(const std::filesystem::path& folder,
                                             const LoadOptions& options = {});

}  // namespace clipcls
