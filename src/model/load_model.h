#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

/// `options` as they are loaded for the device of that name, see parse_device() and choose_device(). GPUs are
/// counted only where the name may be that of one: it opens libtorch and starts a driver. Throws Error
/// (kInvalidArgument) where the device is not there or does not compute in that precision.
LoadOptions resolve_device(const LoadOptions& options, std::string_view device);

/// Loads `model`: a folder, or a TorchScript archive that OpenAI published. Throws Error (kModel).
std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options = {});

}  // namespace clipcls
