#pragma once

#include "cli/program.h"

namespace clipcls {

/// Prints a JSON array of id arrays, one a text, start and end tokens included, no padding: those that the
/// text encoder sees, so no more than its context length unless options.is_whole. Returns the exit code.
int tokenize(const TokenizeOptions& options);

}  // namespace clipcls
