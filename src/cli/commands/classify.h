#pragma once

#include "cli/program.h"

namespace clipcls {

/// Ranks the labels for every image and prints them. Returns the exit code: 0, or 1 when some images failed.
/// Throws Error when nothing could be done.
int classify(const ClassifyOptions& options);

}  // namespace clipcls
