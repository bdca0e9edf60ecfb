#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// A box of ISO's media format, of which MP4, HEIC, AVIF, CR3, JPEG 2000 and JPEG XL files consist.
struct MediaBox {
  std::string_view type;
  std::size_t at = 0;  ///< of its content, in the file
  Bytes content;       ///< as much of it as lies before the end
  bool is_cut = false;
};

/// The box at `at`; nothing where not even its head lies before `end`, or its length is less than that.
std::optional<MediaBox> read_media_box(Bytes file, std::size_t at, std::size_t end);

/// What the file says that it is, four letters each: its own brand first, then those that it is compatible
/// with. Empty: the file does not begin with a box that says so.
std::vector<std::string_view> media_brands(Bytes file);

}  // namespace clipcls
