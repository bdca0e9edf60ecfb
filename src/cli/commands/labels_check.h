#pragma once

#include "cli/program.h"

namespace clipcls {

/// `clipcls labels check`: prints what makes labels hard to tell apart or to read for a model. Returns the
/// exit code: 0, or 1 when something was found. Throws Error when the list could not be checked.
int check_labels(const CheckLabelsOptions& options);

}  // namespace clipcls
