#pragma once

#include "cli/flags/photo_options.h"

namespace clipcls {

/// Takes back what a journal tells of, the last step first. Returns the exit code. Throws Error.
int undo(const UndoOptions& options);

}  // namespace clipcls
