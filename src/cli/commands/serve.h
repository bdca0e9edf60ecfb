#pragma once

#include "cli/program.h"

namespace clipcls {

/// `clipcls serve`: answers until it is asked to end. Returns the exit code. Throws Error before it listens.
int serve(const ServeOptions& options);

}  // namespace clipcls
