#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "decoders.h"

namespace clipcls {

/// Takes a GIF file apart from its front. Throws kBrokenImage where the file ends before what is asked for.
class GifReader {
 public:
  explicit GifReader(Bytes bytes) : rest_(bytes) {}

  Bytes take(std::size_t count) {
    if (count > rest_.size()) throw_broken("GIF", "the file ends before the picture does");
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint8_t byte() { return take(1)[0]; }
  bool is_at_end() const { return rest_.empty(); }

  /// At most 255 bytes behind their number; empty: the end of a row of such blocks.
  Bytes sub_block() { return take(byte()); }

 private:
  Bytes rest_;
};

/// The colour indices of a frame.
struct GifIndices {
  std::vector<std::uint8_t> indices;
  std::size_t num_unpacked = 0;
  std::optional<Error> problem{};  ///< why those behind num_unpacked are missing: kBrokenImage
};

/// The first `num_pixels` colour indices of a frame whose packed data `reader` stands at: the code size and
/// the sub-blocks.
GifIndices unpack_gif_lzw(GifReader& reader, std::size_t num_pixels);

}  // namespace clipcls
