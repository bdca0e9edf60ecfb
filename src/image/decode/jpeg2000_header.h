#pragma once

#include <cstdint>

#include "decoders.h"

namespace clipcls {

/// What a JPEG 2000 codestream says first, in its marker SIZ.
struct Jpeg2000Header {
  bool is_found = false;
  std::int64_t width = 0;  ///< 0 or less: it contradicts itself
  std::int64_t height = 0;
  std::uint64_t num_tiles = 0;
  unsigned num_components = 0;
  unsigned num_palette_columns = 0;  ///< what a component becomes by the palette; 0: there is none
};

/// Reads it from a JP2 file or a bare codestream. openjpeg takes memory for each tile and component before it
/// says how many there are.
Jpeg2000Header read_jpeg2000_header(Bytes file);

/// Whether the file is a bare codestream, and not a JP2 file.
bool is_jpeg2000_codestream(Bytes file);

}  // namespace clipcls
