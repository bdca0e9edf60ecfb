#pragma once

#include <memory>

#include "cli/results/resumable_file.h"
#include "pipeline/image_source.h"

namespace clipcls {

/// `images` without those that have a row in `file`, which must outlive it, and is told of the others.
std::unique_ptr<ImageSource> skip_finished_images(std::unique_ptr<ImageSource> images, ResumableFile& file);

}  // namespace clipcls
