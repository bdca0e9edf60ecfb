#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace clipcls {

/// `text` for a place between tags or in a quoted attribute: markup escaped, control characters shown as
/// printable() shows them, and characters that turn the direction of what follows (bidi controls) as \u202E.
std::string html_escape(std::string_view text);

/// A relative link to `path` for a page that lies in `folder`, every byte escaped that is not plain in a URL.
std::string html_link(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace clipcls
