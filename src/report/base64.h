#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clipcls {

/// RFC 4648, section 4, with padding.
std::string encode_base64(std::string_view bytes);

/// None: `text` is no base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace clipcls
