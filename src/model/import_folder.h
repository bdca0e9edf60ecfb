#pragma once

#include <filesystem>

#include "model/import_model.h"
#include "model/model_config.h"

namespace clipcls {

/// Makes the model folder `output` of `source`, as write_model_folder(), with the vocabulary beside the
/// source and a reference.json of what this program computes: it shows up whole or not at all. It must not
/// exist unless `replaces`. Without a licence in `options`, that of a README.md in the folder `source` is
/// kept. Returns what config.json says. Throws Error (kInvalidArgument) where it does or holds the source,
/// else as write_model_folder().
ModelConfig import_model_folder(const std::filesystem::path& source, const std::filesystem::path& output,
                                const ImportOptions& options, bool replaces);

}  // namespace clipcls
