#pragma once

#include <cstddef>
#include <memory>

#include "pipeline/image_source.h"

namespace clipcls {

/// One of several parts of the images of a run: those at the places index, index + num_shards, … of their
/// order, counted from 1.
struct Shard {
  std::size_t index = 1;  ///< 1 to num_shards
  std::size_t num_shards = 1;
};

/// The images of `shard`. What cannot be read has a place like any other.
std::unique_ptr<ImageSource> take_shard(std::unique_ptr<ImageSource> images, const Shard& shard);

}  // namespace clipcls
