#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// Loads a model folder: config.json and the two encoders, weights or TorchScript, see models/README.md.
/// Whatever the weights are stored in, they are computed in options.precision. Config and the presence of the
/// files are checked here; each encoder is loaded at its first use, or by load_image_encoder() and
/// load_text_encoder(). Throws Error (kModel) that names the file and what is wrong with it.
std::unique_ptr<ClipModel> load_torchscript_model(const std::filesystem::path& folder,
                                                  const LoadOptions& options = {});

/// The libtorch that runs, for example "2.13.0".
std::string torch_version();

/// The GPUs that this libtorch can compute on, and where there are none, why.
int num_gpus();
std::string why_no_gpu();

}  // namespace clipcls
