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

/// Calls `visit` with the boxes of `bytes`, one after the other, until it says true.
template <typename Visit>
void visit_media_boxes(Bytes bytes, Visit visit) {
  constexpr int kMaxBoxes = 10'000;  // pictures of tiles have one for each of them
  std::size_t at = 0;
  for (int i = 0; i < kMaxBoxes; ++i) {
    const auto box = read_media_box(bytes, at, bytes.size());
    if (!box || visit(*box) || box->is_cut) return;
    at = box->at + box->content.size();
  }
}

/// What the file says that it is, four letters each: its own brand first, then those that it is compatible
/// with. Empty: the file does not begin with a box that says so.
std::vector<std::string_view> media_brands(Bytes file);

}  // namespace clipcls
