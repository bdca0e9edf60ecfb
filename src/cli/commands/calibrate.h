#pragma once

#include "cli/program.h"

namespace clipcls {

/// `clipcls calibrate`: fits a temperature and a threshold for each label to labelled images, writes them to
/// a file and prints a summary. Returns the exit code: 0, or 1 when some images failed. Throws Error.
int calibrate(const CalibrateOptions& options);

}  // namespace clipcls
