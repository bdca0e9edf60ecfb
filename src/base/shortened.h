#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace clipcls {

/// At most `max_bytes` of `text`, with "..." behind it where it is longer: a piece of a hostile file may have
/// any length.
inline std::string shortened(std::string_view text, std::size_t max_bytes) {
  return std::string(text.substr(0, max_bytes)) + (text.size() > max_bytes ? "..." : "");
}

}  // namespace clipcls
