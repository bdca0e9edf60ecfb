#pragma once

#include <cstddef>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// A range of the file, as its directories give it: it may reach behind the file's end.
struct FilePart {
  std::size_t at = 0;
  std::size_t size = 0;
};

/// What the directories of a TIFF structure say of a camera's raw file.
struct RawDirectories {
  bool is_raw = false;             ///< the sensor's values are in it, and no picture that TIFF readers know
  bool is_cut = false;             ///< a directory lies behind the end of the file
  int orientation = 0;             ///< 1..8; 0: not said
  std::vector<FilePart> previews;  ///< what is said to be a JPEG; some hold the sensor's values
};

/// Reads the directories of a TIFF structure, also under the signatures of Olympus and Panasonic; all others
/// are no raw file. The work is bounded whatever the bytes are, and never throws.
RawDirectories read_raw_directories(Bytes bytes);

/// The same for Canon's CR3, which has boxes instead of directories.
RawDirectories read_raw_boxes(Bytes bytes);

}  // namespace clipcls
