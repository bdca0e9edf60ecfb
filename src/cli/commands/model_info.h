#pragma once

#include "cli/flags/model_options.h"

namespace clipcls {

/// Prints what a model is. Returns the exit code. Throws Error (kModel) when it cannot be read.
int print_model_info(const ModelInfoOptions& options);

}  // namespace clipcls
