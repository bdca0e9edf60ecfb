#pragma once

#include <exception>
#include <filesystem>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// The error for an archive that torch::jit::load() gave up on: which torch wrote it (empty: not known),
/// which one runs, and libtorch's reason.
Error unloadable_archive(const std::filesystem::path& path, const std::string& written_by,
                         const std::exception& exception);

}  // namespace clipcls
