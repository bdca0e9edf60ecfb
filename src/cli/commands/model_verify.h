#pragma once

#include "cli/flags/model_options.h"

namespace clipcls {

/// Recomputes a model folder's reference.json on this machine and prints what differs and by how much.
/// Returns the exit code: 0, or 1 when something is beyond its tolerance.
int verify_model(const VerifyModelOptions& options);

}  // namespace clipcls
