#include "text_output/url_text.h"

namespace clipcls {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool is_plain_in_url(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         std::string_view("-._~/").find(byte) != std::string_view::npos;
}

}  // namespace

std::string url_escape(std::string_view path) {
  std::string escaped;
  for (const char byte : path) {
    const auto value = static_cast<unsigned char>(byte);
    if (is_plain_in_url(byte)) {
      escaped += byte;
    } else {
      escaped += {'%', kHexDigits[value >> 4U], kHexDigits[value & 0xFU]};
    }
  }
  return escaped;
}

}  // namespace clipcls
