#pragma once

#include "cli/flags/model_options.h"

namespace clipcls {

/// Downloads a published model and imports it, so that --model takes its name; prints where it is. Returns
/// the exit code: 0, or 130 when it was interrupted. Throws Error (kFetch, kOutput, kModel).
int fetch_model(const FetchModelOptions& options);

}  // namespace clipcls
