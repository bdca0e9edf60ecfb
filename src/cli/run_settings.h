#pragma once

#include "embed_labels.h"
#include "options.h"
#include "resumable_file.h"

namespace clipcls {

/// What decides the rows of `clipcls`, besides the model's own weights.
RunSettings run_settings(const ClassifyOptions& options, const RankedLabels& labels);

}  // namespace clipcls
