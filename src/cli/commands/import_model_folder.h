#pragma once

#include <filesystem>

#include "clipcls/model/import_model.h"

namespace clipcls {

/// Writes a model folder from the weights that others publish, without Python. `output` is the folder, which
/// shows up whole, with its reference.json, or not at all. It must not exist unless `replaces`. Throws Error
/// (kUsage) where it does, else as write_model_folder.
void import_model_folder(const std::filesystem::path& source, const std::filesystem::path& output,
                         const ImportOptions& options, bool replaces);

}  // namespace clipcls
