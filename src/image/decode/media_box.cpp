#include "media_box.h"

#include <algorithm>

namespace clipcls {

std::optional<MediaBox> read_media_box(Bytes file, std::size_t at, std::size_t end) {
  // Length (4 bytes, with these) and type (4). A length of 1: it follows, in 8 bytes; of 0: up to the end.
  if (at > end || end - at < 8) return std::nullopt;
  std::uint64_t size = read_u32_be(file, at);
  std::size_t header = 8;
  if (size == 0) size = end - at;
  if (size == 1) {
    if (end - at < 16) return std::nullopt;
    header = 16;
    size = std::uint64_t{read_u32_be(file, at + 8)} << 32 | read_u32_be(file, at + 12);
  }
  if (size < header) return std::nullopt;
  const auto* type = reinterpret_cast<const char*>(file.data() + at + 4);
  const bool is_cut = size > end - at;
  const std::size_t length = is_cut ? end - at - header : static_cast<std::size_t>(size) - header;
  return MediaBox{{type, 4}, at + header, file.subspan(at + header, length), is_cut};
}

std::vector<std::string_view> media_brands(Bytes file) {
  std::vector<std::string_view> brands;
  const std::optional<MediaBox> box = read_media_box(file, 0, file.size());
  if (!box || box->type != "ftyp") return brands;
  constexpr std::size_t kMaxBrands = 64;
  const auto* text = reinterpret_cast<const char*>(box->content.data());
  for (std::size_t at = 0; at + 4 <= box->content.size() && brands.size() < kMaxBrands; at += 4) {
    if (at != 4) brands.emplace_back(text + at, 4);  // the second word is a version
  }
  return brands;
}

}  // namespace clipcls
