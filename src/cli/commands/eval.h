#pragma once

#include "cli/program.h"

namespace clipcls {

/// `clipcls eval`: measures how often labelled images get their label. Returns the exit code: 0, or 1 when
/// some images failed. Throws Error when nothing could be done.
int evaluate(const EvalOptions& options);

}  // namespace clipcls
