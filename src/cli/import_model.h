#pragma once

#include <filesystem>

#include "clipcls/model/import_model.h"

namespace clipcls {

void import_model_folder(const std::filesystem::path& source, const std::filesystem::path& output,
                         const ImportOptions& options, bool replaces);

}  // namespace clipcls
