#pragma once

#include <string>
#include <string_view>

namespace clipcls {

/// `path` for a URL: every byte that is not plain there, slashes apart, as %XX.
std::string url_escape(std::string_view path);

}  // namespace clipcls
