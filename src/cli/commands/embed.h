#pragma once

#include "cli/program.h"

namespace clipcls {

/// Writes the image features of the images to a folder. Returns the exit code: 0, or 1 when some images
/// failed, which are left out and listed in its errors.jsonl. Throws Error when nothing could be done.
int embed(const EmbedOptions& options);

}  // namespace clipcls
