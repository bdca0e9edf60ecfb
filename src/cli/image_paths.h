#pragma once

#include <string>
#include <vector>

#include "options.h"

namespace clipcls {

/// The images of the command line, then those of --files-from. Throws Error (kUsage) when the list cannot be
/// read.
std::vector<std::string> collect_paths(const ImageOptions& options);

}  // namespace clipcls
