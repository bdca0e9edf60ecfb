#pragma once

#include "options.h"

namespace clipcls {

/// `clipcls serve`: answers until it is asked to end. Returns the exit code. Throws Error before it listens.
int serve(const ServeOptions& options);

}  // namespace clipcls
