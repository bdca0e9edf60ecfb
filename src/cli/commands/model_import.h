#pragma once

#include "cli/flags/model_options.h"

namespace clipcls {

/// `clipcls model import`: writes a model folder from the weights that others publish, without Python.
/// Returns the exit code. Throws Error.
int import_model(const ImportModelOptions& options);

}  // namespace clipcls
