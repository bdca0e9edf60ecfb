#pragma once

#include <memory>

#include "clipcls/pipeline/image_source.h"
#include "resumable_file.h"

namespace clipcls {

/// `images` without those that have a row in `file`, which must outlive it.
std::unique_ptr<ImageSource> leave_out_rows(std::unique_ptr<ImageSource> images, ResumableFile& file);

}  // namespace clipcls
