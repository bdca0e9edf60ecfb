#pragma once

#include "cli/program.h"

namespace clipcls {

/// Ranks the labels for image features that `clipcls embed` wrote, and prints what classify() prints for
/// the images themselves. The image encoder is not loaded. Returns the exit code. Throws Error.
int rescore(const ClassifyOptions& options);

}  // namespace clipcls
