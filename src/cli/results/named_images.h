#pragma once

#include <memory>
#include <string>
#include <unordered_set>

#include "pipeline/image_source.h"

namespace clipcls {

/// The images of a run, all of whose names are known before the first is read.
struct NamedImages {
  std::unique_ptr<ImageSource> images;
  std::unordered_set<std::string> paths;
};

/// Goes through `images` to their end. Throws what they throw.
NamedImages read_names(std::unique_ptr<ImageSource> images);

}  // namespace clipcls
