#pragma once

#include <cstdint>

#include "decoders.h"

namespace clipcls {

/// The size of a coded picture, in pixels.
struct CodedSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// The largest picture that an HEIC file's HEVC data ask a decoder to take memory for, by their sequence
/// parameter sets: in the boxes "hvcC", and among the data themselves, which may bring others. 0 by 0 where
/// there are none. What the boxes say of a picture's size binds no decoder.
CodedSize largest_hevc_size(Bytes file);

}  // namespace clipcls
