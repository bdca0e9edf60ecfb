#pragma once

#include "cli/flags/model_options.h"

namespace clipcls {

/// Prints the models that --model takes by name, or those that can be fetched. Returns the exit code.
int list_models(const ListModelsOptions& options);

}  // namespace clipcls
